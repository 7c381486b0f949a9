"""Whatever is told has a kind that people can choose about, and each kind has its row in the table of who is told."""

import ast
from pathlib import Path

from gigneo.core.dispatch import Dispatcher
from gigneo.hooks import EVENTS
from gigneo.plugins.orders.table import table_of
from gigneo.plugins.orders.telling import OUTSIDE_THE_PROCESS, kind_of
from tests.plugins.notifications.told import TABLE

PLUGINS = Path(__file__).parents[2] / "gigneo" / "plugins"


def told_in_code() -> dict[str, str]:
    """Return the kinds that plugins name where they call ``tell``, each with its place."""
    found = {}
    for path in sorted(PLUGINS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tell"
            if named and len(node.args) > 2 and isinstance(node.args[2], ast.Constant):
                found[str(node.args[2].value)] = f"{path.relative_to(PLUGINS)}:{node.lineno}"
    return found


def told_by_the_process(dispatcher: Dispatcher) -> set[str]:
    """Return the kinds of the facts that the process table tells somebody of."""
    site = dispatcher.site
    events = [*EVENTS, *(event for plugin in site.plugins for event in plugin.events)]
    told = table_of(site.contributions).told
    return {kind_of(event) for event in events if (told.get(event.hook) or event.hook in OUTSIDE_THE_PROCESS) and event.mail}


def test_every_kind_that_is_told_is_contributed_and_every_contributed_one_is_told(dispatcher: Dispatcher) -> None:
    contributed = {kind.name for kind in dispatcher.site.contributions.notification_kinds}
    in_code = told_in_code()
    assert {"jobs.hired", "disputes.opened"} <= in_code.keys()
    told = in_code.keys() | told_by_the_process(dispatcher)
    assert told - contributed == set(), {kind: in_code.get(kind, "the process table") for kind in told - contributed}
    assert contributed - told == set()


def test_every_kind_has_a_row_in_the_table_of_who_is_told(dispatcher: Dispatcher) -> None:
    rows = {kind for kind, _ in TABLE.values()}
    assert {kind.name for kind in dispatcher.site.contributions.notification_kinds} == rows - {""}
