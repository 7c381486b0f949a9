"""``gigneo demo load`` and ``gigneo demo reset``."""

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from gigneo.api import Refused, RefusedMany, empty_demo, is_demo, newest_site, read, site_is_empty
from gigneo.plugins.demo import people
from gigneo.plugins.demo.large import LARGEST, LARGEST_NAME, LARGEST_SHARE
from gigneo.plugins.demo.loading import last_load
from gigneo.plugins.demo.loading import load as load_marketplace
from gigneo.plugins.demo.stories import PLANS

CONFIRMATION = "delete everything"
INTERRUPTED = "Loading was interrupted half way. Begin again: gigneo demo reset --yes"
PARTS = ("People", "Orders", "Services", "Copies")
MOST = 10_000_000
_seed = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="The same seed gives the same marketplace."
)
_orders = click.option(
    "--orders",
    type=click.IntRange(len(PLANS), MOST),
    default=len(PLANS),
    show_default=True,
    help="So many: what goes beyond is copied inside the database, spread over three years and thousands of people.",
)


@click.command()
@_seed
@_orders
@click.option("--if-empty", is_flag=True, help="Do nothing, and leave with 0, when people are registered here.")
def load(seed: int, orders: int, if_empty: bool) -> None:
    """Fill an empty site with the demo marketplace: 12 services, 10 people, 25 orders in every state.

    Afterwards the site is a demo for good: its money is play money. On a site that has its demo, the log-ins are printed.
    """
    if is_demo():
        done = last_load(read())
        if done is not None and done.ended_at is None:
            raise click.ClickException(INTERRUPTED)
        if done is not None:
            _tell("The demo marketplace is loaded already.")
            return
    if not site_is_empty():
        if if_empty:
            click.echo("People are registered here; the demo marketplace was not loaded.")
            return
        raise click.ClickException("People are registered here. The demo marketplace needs an empty GIGNEO_HOME or database.")
    _load(seed, orders)


@click.command()
@_seed
@_orders
@click.option("--yes", is_flag=True, help="Don't ask.")
def reset(seed: int, orders: int, yes: bool) -> None:
    """Delete everything on a demo site, then load the demo marketplace again.

    A site that is no demo is never touched.
    """
    if not is_demo():
        raise click.ClickException("This is no demo marketplace, so nothing was deleted.")
    if not yes:
        asked = click.prompt(
            f"Every person, order, message, file and ledger row here will be deleted. Type “{CONFIRMATION}” to go on"
        )
        if asked.strip() != CONFIRMATION:
            raise click.ClickException("Nothing was deleted.")
    empty_demo("demo")
    with newest_site():
        _load(seed, orders)


def _load(seed: int, orders: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars = {what: progress.add_task(what, total=None) for what in PARTS[: 2 if orders == len(PLANS) else None]}
        try:
            load_marketplace(seed, lambda what, done, of: progress.update(bars[what], completed=done, total=of), orders)
        except (Refused, RefusedMany) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except KeyboardInterrupt as interruption:
            raise click.ClickException(INTERRUPTED) from interruption
    if orders == len(PLANS):
        _tell("The demo marketplace is loaded: 12 services, 10 people, 25 orders.")
        return
    _tell(f"The demo marketplace is loaded, with {orders:,} orders.")
    click.echo(f"{LARGEST} ({LARGEST_NAME}) has the most of them: {(orders - len(PLANS)) // LARGEST_SHARE:,}.")


def _tell(said: str) -> None:
    table = Table("log in as", "name", "what you see", title=f"Password of all: {people.PASSWORD}", title_justify="left")
    for person in people.LOG_INS:
        table.add_row(person.email, person.name, person.hint)
    console = Console()
    console.print(said)
    console.print(table)
