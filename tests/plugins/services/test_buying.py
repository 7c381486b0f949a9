"""Buying: once per form, at the price that was seen, paid when the wallet holds enough."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.refusals import Refused
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services import api as services
from gigneo.plugins.services import buying
from gigneo.testing.fixtures import both_databases
from tests.plugins.services.conftest import Trade

FEE = "INSERT INTO setting_value (plugin, key, value) VALUES ('wallet', 'employer_fee_rate', '500')"


def checkout(trade: Trade, place: int = 1) -> str:
    return f"/services/{trade.slug}/checkout/{trade.package(place)}"


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|form_key|seen_[a-z]+)" value="([^"]*)"', page.partition("What you pay")[2]))


def orders_of(trade: Trade) -> list[Any]:
    with trade.runtime.read() as session:
        return list(session.execute(text("SELECT number, state, price_minor FROM orders_order ORDER BY id")))


def test_a_logged_out_person_is_sent_to_log_in_and_back(trade: Trade, nobody: Any) -> None:
    answer = nobody.get(checkout(trade))
    assert answer.status_code == 303
    assert checkout(trade).replace("/", "%2F") in answer.headers["Location"] or checkout(trade) in answer.headers["Location"]


@both_databases
def test_with_enough_in_the_wallet_the_order_is_placed_and_paid_at_once(trade: Trade) -> None:
    trade.top_up(50_000)
    page = trade.employer.browser.get(checkout(trade)).text
    assert "€210.00" in page
    assert "€500.00" in page
    answer = trade.employer.browser.post(checkout(trade), data=fields(page))
    [order] = orders_of(trade)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{order.number}/overview")
    assert order.state == "active"
    assert trade.available(trade.employer) == 50_000 - 21_000


@both_databases
def test_with_too_little_the_order_waits_and_the_way_leads_to_the_top_up_and_back(trade: Trade) -> None:
    trade.top_up(1_000)
    page = trade.employer.browser.get(checkout(trade)).text
    assert "holds too little" in page
    answer = trade.employer.browser.post(checkout(trade), data=fields(page))
    [order] = orders_of(trade)
    assert order.state == "pending_payment"
    assert (
        answer.headers["Location"]
        == f"/wallet/top-up?needed=20000&next=/orders/{order.number}/pay".replace("/orders", "%2Forders").replace(
            f"{order.number}/pay", f"{order.number}%2Fpay"
        )
        or answer.headers["Location"] == f"/wallet/top-up?needed=20000&next=/orders/{order.number}/pay"
    )
    assert trade.available(trade.employer) == 1_000
    topped = trade.employer.browser.submit(
        "/wallet/top-up", {"amount": "200", "next": f"/orders/{order.number}/pay"}, page=answer.headers["Location"]
    )
    assert topped.headers["Location"] == f"/orders/{order.number}/pay"


def test_the_same_form_twice_buys_once(trade: Trade) -> None:
    trade.top_up()
    sent = fields(trade.employer.browser.get(checkout(trade)).text)
    first, second = (trade.employer.browser.post(checkout(trade), data=sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(orders_of(trade)) == 1


def test_the_same_key_for_another_package_is_refused(trade: Trade) -> None:
    trade.top_up()
    sent = fields(trade.employer.browser.get(checkout(trade)).text)
    trade.employer.browser.post(checkout(trade), data=sent)
    answer = trade.employer.browser.post(checkout(trade, 0), data=sent)
    assert answer.status_code == 409
    assert len(orders_of(trade)) == 1


@pytest.mark.parametrize("seen", ["20999", "", "-1", "1e3", "٢١٠٠٠", "1" * 400])
def test_another_price_than_the_one_on_the_page_is_refused_with_the_price(trade: Trade, seen: str) -> None:
    trade.top_up()
    sent = {**fields(trade.employer.browser.get(checkout(trade)).text), "seen_price": seen}
    answer = trade.employer.browser.post(checkout(trade), data=sent)
    assert answer.status_code == 409
    assert ("€209.99, and is €210.00 now" if seen == "20999" else "does not carry the offer") in answer.text
    assert orders_of(trade) == []


@both_databases
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE services_package SET price_minor = 21100", "The price was €210.00, and is €211.00 now."),
        ("UPDATE services_package SET days = 90", "The days to deliver were 4, and are 90 now."),
        ("UPDATE services_package SET revisions = NULL", "The revisions were 2, and are unlimited now."),
        ("UPDATE services_package SET revisions = 0", "The revisions were 2, and are 0 now."),
        ("UPDATE services_package SET name = name || ' less'", "was “Standard”, and is “Standard less” now."),
        ("UPDATE services_package SET features = '[]'", "What is included has changed"),
        ("UPDATE services_service SET title = 'Nothing'", "was “A logo that works”, and is “Nothing” now."),
        (FEE, "You would have paid €210.00, and pay €220.50 now."),
    ],
)
def test_an_offer_that_changed_after_the_page_was_shown_is_refused_and_each_change_is_named(
    trade: Trade, fingerprint: Any, change: str, said: str
) -> None:
    trade.top_up()
    sent = fields(trade.employer.browser.get(checkout(trade)).text)
    with trade.runtime.write() as session:
        session.execute(text(change))
        session.execute(text("UPDATE site_state SET revision = revision + 1"))
    trade.dispatcher.refresh_now()
    before = fingerprint()
    answer = trade.employer.browser.post(checkout(trade), data=sent)
    assert answer.status_code == 409
    assert said in answer.text
    assert fingerprint() == before
    again = trade.employer.browser.post(checkout(trade), data=fields(answer.text))
    assert again.status_code == 303, "what is on the page now can be bought"


def test_nobody_buys_from_themselves_and_only_employers_buy(trade: Trade) -> None:
    for person, why in ((trade.freelancer, "your own service"),):
        page = person.browser.get(checkout(trade))
        assert why in page.text
        assert "Buy for" not in page.text
        sent = fields(trade.employer.browser.get(checkout(trade)).text)
        token = person.browser.fields["csrf_token"]
        assert person.browser.post(checkout(trade), data={**sent, "csrf_token": token}).status_code == 403
    assert orders_of(trade) == []
    with pytest.raises(Refused, match="yourself"):
        trade.do(services.buy, trade.package(), trade.freelancer.id)


def test_a_package_of_another_service_is_not_there(trade: Trade) -> None:
    other = trade.publish("Something else")
    assert trade.employer.browser.get(f"/services/{other}/checkout/{trade.package()}").status_code == 404
    assert trade.employer.browser.get(f"/services/{trade.slug}/checkout/{2**70}").status_code == 404


def test_what_is_no_longer_on_offer_can_not_be_bought(trade: Trade) -> None:
    trade.top_up()
    package = trade.package()
    trade.do(services.set_published, trade.slug, trade.freelancer.id, False)
    with pytest.raises(Refused) as refusal:
        trade.do(services.buy, package, trade.employer.id)
    assert refusal.value.code == "not_offered"
    assert orders_of(trade) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"price_minor": 1}, "price_mismatch"),
        ({"days": 300}, "price_mismatch"),
        ({"revisions": None}, "price_mismatch"),
        ({"package": "Golden"}, "price_mismatch"),
        ({"source_id": 999}, "not_offered"),
    ],
)
def test_terms_that_no_package_has_are_refused_whoever_places_them(trade: Trade, changed: dict[str, Any], code: str) -> None:
    with trade.writing() as session:
        from gigneo.plugins.services.models import Package, Service

        package = session.get(Package, trade.package())
        service = session.get(Service, package.service_id)
        terms = buying.terms_of(service, package, "design", trade.employer.id)
    with pytest.raises(Refused) as refusal:
        trade.do(orders.place, replace(terms, **changed), trade.employer.id)
    assert refusal.value.code == code


@both_databases
def test_a_completed_order_is_counted_once_also_when_services_was_off_meanwhile(trade: Trade) -> None:
    def sold() -> int:
        with trade.runtime.read() as session:
            return int(session.execute(text("SELECT sold FROM services_service")).scalar_one())

    first, second = trade.buy(), trade.buy(0)
    trade.deliver(first.number)
    trade.do(orders.approve, first.number, trade.employer.id)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    assert sold() == 1
    trade.switch("services", on=False)
    assert trade.employer.browser.get("/services").status_code == 404
    trade.deliver(second.number)
    trade.do(orders.approve, second.number, trade.employer.id)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    assert sold() == 1
    trade.switch("services", on=True)
    assert sold() == 2
    trade.switch("services", on=False)
    trade.switch("services", on=True)
    assert sold() == 2


SUSPENDED = "UPDATE account_user SET active = :no WHERE id = :id"
DEMOTED = "DELETE FROM account_user_role WHERE user_id = :id AND :no = :no"


@both_databases
@pytest.mark.parametrize("how", [SUSPENDED, DEMOTED], ids=["suspended", "no freelancer any more"])
def test_nobody_buys_from_somebody_who_is_suspended_or_no_freelancer_any_more(
    trade: Trade, nobody: Any, fingerprint: Any, how: str
) -> None:
    trade.top_up()
    sent, package = fields(trade.employer.browser.get(checkout(trade)).text), trade.package()
    assert nobody.get("/services").text.count("A logo that works") and trade.slug in nobody.get("/").text
    with trade.runtime.write() as session:
        session.execute(text(how), {"id": trade.freelancer.id, "no": False})
    before = fingerprint()
    with pytest.raises(Refused, match="takes no orders"):
        trade.do(services.buy, package, trade.employer.id)
    assert trade.employer.browser.post(checkout(trade), data=sent).status_code == 404
    for page in ("/", "/services", "/services?category=design"):
        assert trade.slug not in nobody.get(page, follow_redirects=True).text, page
    assert nobody.get(f"/services/{trade.slug}").status_code == 404
    if how is DEMOTED:
        own = trade.freelancer.browser
        assert "A logo that works" in own.get("/dashboard/services").text
        assert own.get(f"/services/{trade.slug}").status_code == 200
    assert fingerprint() == before


@both_databases
@pytest.mark.parametrize("how", [SUSPENDED, DEMOTED], ids=["suspended", "no employer any more"])
def test_somebody_who_is_suspended_or_no_employer_any_more_does_not_buy(trade: Trade, how: str) -> None:
    trade.top_up()
    with trade.runtime.write() as session:
        session.execute(text(how), {"id": trade.employer.id, "no": False})
    with pytest.raises(Refused, match="Only employers"):
        trade.do(services.buy, trade.package(), trade.employer.id)
    assert orders_of(trade) == []
