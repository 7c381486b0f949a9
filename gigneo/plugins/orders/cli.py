"""``gigneo orders process``: prints the process of this site's orders."""

import click

from gigneo.api import contributions
from gigneo.plugins.orders.describing import FORMATS, rows


@click.command()
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True, help="How to print it.")
@click.option("--kind", default="service", show_default=True, help="Of which orders: service, job, or what a module adds.")
def process(form: str, kind: str) -> None:
    """Print who may do what in which state of an order, as this site enforces it with the modules that are on."""
    known = [each.name for each in contributions().order_kinds]
    if kind not in known:
        raise click.ClickException(f"There is no kind of orders {kind!r}. Kinds: {', '.join(known)}")
    click.echo(FORMATS[form](rows(kind)).rstrip())
