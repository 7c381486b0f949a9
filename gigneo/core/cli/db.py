"""``gigneo db``: where the tables stand, bringing them up, and looking for what is wrong."""

import sys

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import complain, dump, examples, json_option, say, table


@click.group(
    epilog=examples(
        "gigneo db status",
        "gigneo db upgrade",
        "gigneo db check --json",
    )
)
def db() -> None:
    """Look after the database: where it stands, upgrades, checks."""


@db.command()
@json_option
def status(as_json: bool) -> None:
    """Compare the tables with the installed code; leaves with 1 when something is to be done."""
    from dataclasses import asdict

    from gigneo.core.db import migrate
    from gigneo.core.upgrading import owners

    with open_runtime(current_schema=False) as runtime:
        found = migrate.status(runtime.engines, owners(runtime))
    if as_json:
        dump([{**asdict(each), "is_current": each.is_current} for each in found])
    else:
        rows = [
            (each.owner, each.current or "–", each.head or "–", each.fault or ", ".join(each.pending) or "nothing to do")
            for each in found
        ]
        table(("owner", "in the database", "in the code", "to do"), rows)
    sys.exit(0 if all(each.is_current for each in found) else 1)


@db.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the tables to the installed code, after a copy (SQLite) is made in the home's folder backups."""
    from dataclasses import asdict

    from gigneo.core.cli.first_start import tell
    from gigneo.core.upgrading import upgrade_all

    with open_runtime(current_schema=False) as runtime:
        done = upgrade_all(runtime)
    if as_json:
        dump(asdict(done))
    else:
        tell(done)
        say("The database is that of the installed code." if not done.faults else "Everything else is up to date.")
    sys.exit(1 if done.faults else 0)


@db.command()
@json_option
def check(as_json: bool) -> None:
    """Look for damage: integrity, broken references, tables that differ from the models; leaves with 1 when there is any."""
    from gigneo.core.db import migrate
    from gigneo.core.upgrading import owners, pending

    with open_runtime(current_schema=False) as runtime:
        if not pending(runtime):
            _ = runtime.site  # imports every model that the tables are compared with
        problems = migrate.check(runtime.engines, owners(runtime))
    if as_json:
        dump({"problems": problems})
    else:
        for problem in problems:
            complain(problem)
        if not problems:
            say("The database is sound.")
    sys.exit(1 if problems else 0)
