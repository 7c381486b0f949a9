"""The process as data: printed, drawn and documented from the one table, open to modules, and judged at each site build."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from gigneo.contributions import Refusal
from gigneo.core.dispatch import Dispatcher
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard, OrderTimer
from gigneo.plugins.orders import describing
from gigneo.plugins.orders.plugin import OrdersPlugin
from gigneo.plugins.orders.table import conflicts, table, table_of
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market, page_of

PAGE = Path(__file__).parents[3] / "docs" / "process.md"
OPEN = frozenset({"active", "delivered", "in_revision"})


@pytest.fixture
def all_modules(runtime: Any) -> Dispatcher:
    """The site that a new home has."""
    return Dispatcher(runtime)


def test_the_page_of_the_process_is_that_of_the_code(all_modules: Dispatcher) -> None:
    with all_modules.site.app.app_context():
        made = describing.as_markdown(describing.rows("service"))
    assert PAGE.read_text(encoding="utf-8").rstrip() == made.rstrip(), "docs/process.md is stale: run make docs"


def test_each_format_names_every_action(all_modules: Dispatcher) -> None:
    with all_modules.site.app.app_context():
        names = {action.name for action in all_modules.site.contributions.order_actions}
        rows = describing.rows("job")
        assert {row["name"] for row in json.loads(describing.as_json(rows))} == names
        assert all(f"{name} (" in describing.as_text(rows) for name in names)
        drawn = describing.as_mermaid(rows)
        assert drawn.startswith("stateDiagram-v2\n") and "delivered --> completed: approve (employer)" in drawn


def test_the_server_enforces_and_the_page_offers_what_the_table_says(market: Market) -> None:
    """A row, and nothing else, decides: each action that is offered to somebody is a row that names the role and the state."""
    for state in ("pending_payment", "active", "delivered", "in_revision", "completed", "cancelled"):
        order = market.order(state)
        for role, someone in (("employer", market.employer), ("freelancer", market.freelancer)):
            page = page_of(someone.browser, order)
            offered = set(re.findall(rf'href="/orders/{order.number}/([a-z-]+)"', page)) - {
                "overview", "activity", "attachments", "payments",
            }  # fmt: skip
            with market.dispatcher.site.app.app_context():
                rows = [row for row in table().of(role, "service") if state in row.states and row.endpoint]
            allowed = {"deliver" if row.name.startswith("deliver_") else row.name.replace("_", "-") for row in rows}
            assert offered <= {name.replace("give-feedback", "feedback") for name in allowed}, (state, role)


def test_the_administrators_page_draws_every_state_and_lists_every_action(market: Market, people: Callable[..., Someone]) -> None:
    page = people("administrator", name="ada").browser.get("/admin/orders/process")
    assert page.status_code == 200
    assert page.text.count('class="process-state') == 6
    for name in ("approve_cancellation", "cancel_by_silence", "administrator_refund"):
        assert name in page.text


def _contributed(dispatcher: Dispatcher, **more: Any) -> Any:
    """Return the site's contributions with some more, as if a module had brought them."""
    found = dispatcher.site.contributions
    items = {**found.items, **{name: (*found.items[name], *extra) for name, extra in more.items()}}
    return type(found)(items, found.by_plugin, found.hooks)


WRONG: Iterable[tuple[str, Any, str]] = [
    ("order_actions", OrderAction("tip", "Tip", frozenset({"employer"}), frozenset({"finished"})), "names the state 'finished'"),
    ("order_actions", OrderAction("tip", "Tip", frozenset({"boss"}), OPEN), "names the role 'boss'"),
    ("order_actions", OrderAction("tip", "Tip", frozenset({"employer"}), OPEN, kinds=frozenset({"tender"})), "the kind 'tender'"),
    ("order_actions", OrderAction("tip", "Tip", frozenset({"employer"}), OPEN, replaces="nod"), "replaces 'nod'"),
    ("order_actions", OrderAction("tip", "Tip", frozenset({"employer"}), OPEN, replaces="ask_administrator"), "both replace"),
    ("order_actions", OrderAction("tip", "Tip", frozenset({"employer"}), OPEN, fact="order_tipped"), "is no event"),
    ("order_timers", OrderTimer("soon", "tip", lambda order: None, lambda session, order_id: None), "takes 'tip'"),
    (
        "order_timers",
        OrderTimer("soon", "approve", lambda order: None, lambda session, order_id: None),
        "no action of the system",
    ),
]


@pytest.mark.parametrize(("family", "item", "reason"), WRONG, ids=[reason for _, _, reason in WRONG])
def test_a_conflict_in_the_process_is_found_at_the_build_and_names_its_module(
    all_modules: Dispatcher, family: str, item: Any, reason: str
) -> None:
    found = list(conflicts(_contributed(all_modules, **{family: (item,)})))
    assert [each for each, _ in found] == [item] and reason in found[0][1]


def test_what_the_bundled_modules_contribute_has_no_conflict(all_modules: Dispatcher) -> None:
    assert list(conflicts(all_modules.site.contributions)) == []


def test_an_action_takes_the_place_of_another_while_its_module_is_on(all_modules: Dispatcher) -> None:
    names = table_of(all_modules.site.contributions).actions
    assert "open_dispute" in names and "ask_administrator" not in names


def test_a_modules_guard_shows_up_in_the_panel_and_stops_the_action_without_a_change_to_any_template(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_mondays(order: OrderFacts, action: OrderAction, role: str) -> Refusal | None:
        return Refusal("%(freelancer)s asked not to be approved on Mondays.", "monday")

    own = OrdersPlugin.order_guards

    def with_one_more(self: OrdersPlugin) -> Iterable[OrderGuard]:
        return (*own(self), OrderGuard("acme_mondays", frozenset({"approve"}), no_mondays))

    with_one_more.gigneo_impl = own.gigneo_impl  # type: ignore[attr-defined]
    monkeypatch.setattr(OrdersPlugin, "order_guards", with_one_more)
    monkeypatch.setattr(market.dispatcher, "_refused_build", (-1, 0.0))
    market.dispatcher._swap(market.dispatcher.site.revision)
    order = market.order("delivered")
    page = page_of(market.employer.browser, order)
    assert "Mara asked not to be approved on Mondays." in page and f"/orders/{order.number}/approve" not in page
    address = f"/orders/{order.number}/approve"
    answer = market.employer.browser.submit(
        address, {"version": str(order.version)}, page=f"/orders/{order.number}/request-revision"
    )
    assert answer.status_code == 409 and "not to be approved on Mondays" in answer.text
    assert market.facts(order) == order
