"""Holds, guards, vetoes and participants of other modules: offered is enforced, and a fault rolls everything back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.contributions import Refusal, SlotFragment
from gigneo.core.hookcalls import ParticipantFailed
from gigneo.core.refusals import Refused, RefusedBase
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of


def test_a_hold_blocks_what_it_names_for_page_and_server_alike_until_it_is_lifted(market: Market) -> None:
    order = market.order("delivered")
    hold = market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", ["approve"])
    page = page_of(market.employer.browser, order)
    assert "Acme looks into it." in page and f'href="/orders/{order.number}/approve"' not in page
    assert f'href="/orders/{order.number}/request-revision"' in page, "the hold names approve only"
    with pytest.raises(RefusedBase) as refusal:
        market.step(order, "approve")
    assert refusal.value.refusals[0].code == "held"
    market.do(orders.lift_hold, order.id, hold)
    market.step(order, "approve")
    assert market.facts(order).state == "completed"


@both_databases
def test_a_hold_makes_pages_stale_and_keeps_cleared_money_where_it_is(market: Market) -> None:
    order = market.order("delivered")
    market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", [])
    with pytest.raises(RefusedBase) as refusal:
        market.do(orders.approve, order.id, market.employer.id, version=order.version)
    assert refusal.value.refusals[0].code == "stale"
    with market.writing() as session:
        from gigneo.api import hooks

        assert hooks.veto("wallet_hold_on_order", order_id=order.id, session=session)


def test_a_hold_that_its_module_lifts_is_lifted_by_nobody_in_particular(market: Market) -> None:
    order = market.order("delivered")
    market.do(orders.lift_hold, order.id, market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", []))
    page = page_of(market.employer.browser, order)
    assert "<p>A hold was lifted</p>" in page and "lifted a hold" not in page


@both_databases
def test_an_administrator_lifts_a_hold_for_a_reason_that_both_see(market: Market, people: Callable[..., Someone]) -> None:
    order = market.order("active")
    hold = market.do(orders.place_hold, order.id, "gone", "A module that is gone.", ["deliver_final", "deliver_draft"])
    ada = people("administrator", name="ada")
    address = f"/admin/orders/{order.number}"
    page = ada.browser.get(address)
    assert "A module that is gone." in page.text and "Deliver now" in page.text
    answer = ada.browser.submit(f"{address}/holds/{hold}/lift", {"reason": " "})
    assert answer.status_code == 422 and "Say why the hold is lifted" in answer.text
    answer = ada.browser.submit(f"{address}/holds/{hold}/lift", {"reason": "Nobody answers for it."}, page=address)
    assert answer.status_code == 303
    assert "Nobody answers for it." in page_of(market.freelancer.browser, order, "activity")
    assert market.rows("SELECT action, actor_id FROM audit_entry WHERE action = 'orders.hold_lifted'") == [
        ("orders.hold_lifted", ada.id)
    ]
    market.step(order, "deliver")


def test_a_hold_is_lifted_only_through_its_own_order(market: Market, people: Callable[..., Someone]) -> None:
    held, other = market.order("active"), market.order("active")
    hold = market.do(orders.place_hold, held.id, "acme", "Wait.", ["cancel"])
    ada = people("administrator", name="ada")
    ada.browser.get(f"/admin/orders/{held.number}")
    answer = ada.browser.submit(f"/admin/orders/{other.number}/holds/{hold}/lift", {"reason": "x"})
    assert answer.status_code == 404
    with pytest.raises(RefusedBase):
        market.do(orders.lift_hold, other.id, hold)
    assert market.facts(held).holds


class Stubborn:
    """A module that refuses cancelling, and fails where it takes part in approving."""

    @hookimpl
    def allow_order_cancel(self) -> Refusal | None:
        return Refusal("Stubborn says no to %(employer)s.", "stubborn")

    @hookimpl
    def order_completing(self) -> None:
        raise RuntimeError("stubborn")

    @hookimpl
    def order_paying(self) -> None:
        raise Refused("Stubborn wants no money.", "stubborn")


def test_what_a_module_refuses_is_not_offered_and_its_reason_is_shown(market: Market) -> None:
    order = market.order("active")
    market.dispatcher.site.manager.register(Stubborn(), "stubborn")
    page = page_of(market.freelancer.browser, order)
    assert f'href="/orders/{order.number}/cancel"' not in page and "Stubborn says no to Jonas." in page
    with pytest.raises(RefusedBase) as refusal:
        market.step(order, "cancel")
    assert refusal.value.refusals[0].code == "stubborn"


class Broken:
    """A module whose veto and whose fragment ask the database for what is not there."""

    @hookimpl
    def allow_order_cancel(self, session: Session) -> Refusal | None:
        session.execute(text("SELECT nothing FROM nowhere"))
        return None

    @staticmethod
    def fragment(session: Session, **_place: Any) -> dict[str, Any]:
        return {"rows": session.execute(text("SELECT nothing FROM nowhere")).all()}


@both_databases
def test_a_module_that_fails_in_the_database_spoils_no_page(market: Market) -> None:
    order = market.order("active")
    site = market.dispatcher.site
    site.manager.register(Broken(), "broken")
    fragment = SlotFragment("page.nav", "broken", template="orders/refused.html", render=Broken.fragment)
    items = {**site.contributions.items, "slot_fragments": (fragment,)}
    object.__setattr__(site.contributions, "items", items)
    site.contributions._derived.clear()
    page = page_of(market.freelancer.browser, order)
    assert "could not answer whether this is allowed" in page and f'href="/orders/{order.number}/deliver"' in page
    assert market.runtime.faults["", "slot:page.nav"] == market.runtime.faults["broken", "allow_order_cancel"] == 1


@both_databases
def test_a_participant_that_fails_or_refuses_leaves_the_whole_database_as_it_was(
    market: Market, fingerprint: Callable[[], dict[str, Any]]
) -> None:
    delivered, pending = market.order("delivered"), market.order("pending_payment")
    market.dispatcher.site.manager.register(Stubborn(), "stubborn")
    before = fingerprint()
    with pytest.raises(ParticipantFailed):
        market.step(delivered, "approve")
    with pytest.raises(Refused):
        market.step(pending, "pay")
    browser = market.employer.browser
    assert browser.submit(f"/orders/{delivered.number}/approve", page=f"/orders/{delivered.number}/approve").status_code == 503
    answer = browser.submit(f"/orders/{pending.number}/pay", page=f"/orders/{pending.number}/pay")
    assert answer.status_code == 409 and "Stubborn wants no money." in answer.text
    assert fingerprint() == before


def test_the_other_side_is_told_by_mail_of_a_delivery_and_of_the_approval(market: Market, run_tasks: Callable[[], int]) -> None:
    market.order("completed")
    run_tasks()
    folder = market.runtime.home / "mail"
    mails = "\n".join(path.read_text(errors="replace") for path in sorted(folder.rglob("*")) if path.is_file())
    assert "To: jonas@people.example" in mails and "To: mara@people.example" in mails
    assert "Mara delivered: Brand identity" in mails and "Completed: Brand identity" in mails
