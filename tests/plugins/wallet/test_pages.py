"""The wallet's pages, through a browser: what people see, what they type, and what it costs."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event

from gigneo.core.admin import settings
from gigneo.core.current import current_site
from gigneo.core.dispatch import Dispatcher
from gigneo.core.revision import bump_revision
from gigneo.plugins.wallet.queries import PAGE
from gigneo.testing.fixtures import Browser, Someone

from .conftest import Bank


@pytest.fixture
def employer(bank: Bank, people: Callable[..., Someone]) -> Someone:
    """Somebody who buys, on a demo marketplace."""
    return people("employer")


@contextmanager
def counted(bank: Bank) -> Iterator[list[str]]:
    """Note each statement that the pages' read-only session runs."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != "BEGIN":
            statements.append(statement)

    engine = bank.runtime.engines.read
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_top_up_is_in_the_wallet_and_on_the_statement(bank: Bank, employer: Someone) -> None:
    browser = employer.browser
    assert "Nothing has moved yet" in browser.get("/wallet").text
    answer = browser.submit("/wallet/top-up", {"amount": "12.50"}, page="/wallet/top-up")
    assert (answer.status_code, answer.location) == (303, "/wallet")
    page = browser.get("/wallet").text
    assert "€12.50 are in your wallet." in page
    assert "Top-up" in page
    assert "+€12.50" in page
    assert bank.balances(employer.id).available == 1250


def test_the_same_form_sent_twice_books_once(bank: Bank, employer: Someone) -> None:
    browser = employer.browser
    browser.get("/wallet/top-up")
    for _ in range(2):
        assert browser.post("/wallet/top-up", data={**browser.fields, "amount": "20"}).status_code == 303
    assert bank.balances(employer.id).available == 2000
    changed = browser.post("/wallet/top-up", data={**browser.fields, "amount": "21"})
    assert changed.status_code == 409
    assert "already booked, with other values" in changed.text
    assert bank.balances(employer.id).available == 2000


BAD_AMOUNTS = [
    "1e3", "١٢", "-5", "+5", "0", "0.00", "1.005", "99999999999999999999", "NaN", "Infinity", "", "   ", "1,00", "1.000,00",
    "1_000", "0x1F", "１２", "€5", "5 EUR", "0.99", "10000.01", "1 or 1", "<b>5</b>", "--5", "1.2.3", ".5", "5.",
    "9" * 400,
]  # fmt: skip


def test_what_is_no_amount_is_explained_kept_and_not_booked(
    bank: Bank, employer: Someone, fingerprint: Callable[[], Any]
) -> None:
    browser = employer.browser
    browser.get("/wallet/top-up")
    before = fingerprint()
    for typed in BAD_AMOUNTS:
        answer = browser.post("/wallet/top-up", data={**browser.fields, "amount": typed})
        assert answer.status_code == 422, typed
        assert 'id="errors"' in answer.text, typed
        assert 'href="#amount"' in answer.text, typed
        assert "<b>5</b>" not in answer.text
        if typed.strip():
            assert re.search(r'name="amount"[^>]*value="([^"]*)"', answer.text), typed
    assert fingerprint() == before


@pytest.mark.parametrize(("typed", "minor"), [("1", 100), ("1,234.5", 123450), ("10000", 1_000_000), (" 7.07 ", 707)])
def test_what_is_an_amount_is_booked_exactly(bank: Bank, employer: Someone, typed: str, minor: int) -> None:
    answer = employer.browser.submit("/wallet/top-up", {"amount": typed}, page="/wallet/top-up")
    assert answer.status_code == 303
    assert bank.balances(employer.id).available == minor


@pytest.mark.parametrize("form_key", [None, "", "x" * 65])
def test_a_form_without_its_key_books_nothing(bank: Bank, employer: Someone, form_key: str | None) -> None:
    browser = employer.browser
    browser.get("/wallet/top-up")
    data = {name: value for name, value in browser.fields.items() if name != "form_key"} | {"amount": "5"}
    answer = browser.post("/wallet/top-up", data=data if form_key is None else {**data, "form_key": form_key})
    assert answer.status_code == 409
    assert "Open it again" in answer.text
    assert bank.balances(employer.id).available == 0


def test_the_way_back_is_kept_and_is_ours(bank: Bank, employer: Someone) -> None:
    browser = employer.browser
    page = browser.get("/wallet/top-up?needed=4550&next=/dashboard").text
    assert 'value="45.50"' in page
    assert "€45.50 more are needed" in page
    assert re.search(r'name="next" value="/dashboard"', page)
    answer = browser.post("/wallet/top-up", data={**browser.fields, "amount": "45.50", "next": "/dashboard"})
    assert answer.location == "/dashboard"
    for foreign in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil",
        "/%09/evil",
        "evil",
    ):
        page = browser.get(f"/wallet/top-up?next={quote(foreign)}").text
        assert "evil" not in page
        answer = browser.post("/wallet/top-up", data={**browser.fields, "amount": "5", "next": foreign})
        assert answer.location == "/wallet", foreign


def test_odd_addresses_are_no_errors(employer: Someone) -> None:
    for query in ("before=0", "before=-1", "before=x", "before=9" * 30, "after=99999999999", "before=1&before=2"):
        assert employer.browser.get(f"/wallet?{query}").status_code == 200, query
        assert employer.browser.get(f"/wallet/top-up?needed={query}").status_code == 200, query


def test_without_a_demo_marketplace_nothing_can_be_paid_in(
    runtime: Any, people: Callable[..., Someone], fingerprint: Callable[[], Any]
) -> None:
    browser = people("employer").browser
    assert "/wallet/top-up" not in browser.get("/wallet").text
    assert "can&#39;t be paid in here yet" in browser.get("/wallet/top-up").text
    before = fingerprint()
    answer = browser.post("/wallet/top-up", data={**browser.fields, "amount": "5", "form_key": "key"})
    assert answer.status_code == 409
    assert fingerprint() == before


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_the_statement_pages_forth_and_back(bank: Bank, employer: Someone) -> None:
    amounts = [10_000 + 100 * number for number in range(2 * PAGE + 3)]
    for amount in amounts:
        bank.top_up(employer.id, amount)
    shown, url, pages = [], "/wallet", []
    while url:
        page = employer.browser.get(url).text
        found = re.findall(r'class="num">\+€([\d.]+)<', page)
        shown += found
        pages.append(found)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        url = link[1].replace("&amp;", "&") if link else ""
    assert [len(found) for found in pages] == [PAGE, PAGE, 3]
    assert shown == [f"{amount / 100:.2f}" for amount in reversed(amounts)]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer is not None
    second = employer.browser.get(newer[1]).text
    assert re.findall(r'class="num">\+€([\d.]+)<', second) == pages[1]
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer is not None
    first = employer.browser.get(newer[1]).text
    assert re.findall(r'class="num">\+€([\d.]+)<', first) == pages[0]
    assert 'rel="prev"' not in first


def test_each_sees_only_the_own_wallet(bank: Bank, people: Callable[..., Someone]) -> None:
    ada, bob = people("employer", name="ada"), people("freelancer", name="bob")
    bank.top_up(ada.id, 123_400)
    assert "1,234.00" in ada.browser.get("/wallet").text
    assert "1,234.00" not in bob.browser.get("/wallet").text


def test_the_wallet_says_where_the_money_is_and_when_it_comes(bank: Bank, people: Callable[..., Someone]) -> None:
    employer, freelancer = people("employer"), people("freelancer")
    bank.top_up(employer.id, 50_000)
    first, second = (bank.order(employer.id, freelancer.id, title=f"Logo {n}") for n in "AB")
    bank.pay(first)
    bank.pay(second)
    assert "€200.00" in employer.browser.get("/wallet").text
    page = freelancer.browser.get("/wallet").text
    assert "€180.00" in page
    assert "clears when they are completed" in page
    bank.complete(first)
    page = freelancer.browser.get("/wallet").text
    assert "Logo A" in page
    assert "in 3 days" in page


def test_the_wallet_costs_the_same_however_much_is_in_it(bank: Bank, people: Callable[..., Someone]) -> None:
    employer, freelancer = people("employer"), people("freelancer")
    browser = freelancer.browser
    browser.get("/wallet")
    with counted(bank) as empty:
        browser.get("/wallet")
    bank.top_up(employer.id, 500_000)
    for _ in range(6):
        order = bank.order(employer.id, freelancer.id)
        bank.pay(order)
        bank.complete(order)
    bank.later(days=4)
    bank.run_tasks()
    browser.get("/wallet")
    with counted(bank) as full:
        browser.get("/wallet")
    own = [statement for statement in full if "wallet_" in statement]
    assert len(own) == 3, own
    assert len(full) == len(empty)


def test_an_orders_tab_and_panel_cost_what_they_always_cost(bank: Bank, people: Callable[..., Someone]) -> None:
    from gigneo.api import read
    from gigneo.plugins.wallet.panels import money_panel, payments_tab

    employer, freelancer = people("employer"), people("freelancer")
    bank.top_up(employer.id, 50_000)
    order = bank.order(employer.id, freelancer.id, employer_fee_minor=300)
    for step in (lambda _: None, bank.pay, bank.complete):
        step(order)
        with bank.inside(), counted(bank) as statements:
            shown = payments_tab(order, None, read())  # type: ignore[arg-type]
            assert len(statements) == 2, statements
            money_panel(order, None, read())  # type: ignore[arg-type]
            assert len(statements) == 3, statements
    movements = [(str(one.source), str(one.target), one.amount_minor) for one in shown["payments"]]
    assert movements == [
        ("Escrow", "Clearing", 9_000),
        ("Escrow", "Commission", 1_000),
        ("Escrow", "Fees", 300),
        ("Employer's wallet", "Escrow", 10_300),
    ]


def test_administrators_see_the_ledger_and_others_do_not(
    bank: Bank, people: Callable[..., Someone], dispatcher: Dispatcher
) -> None:
    employer, freelancer = people("employer", name="ada"), people("freelancer", name="bob")
    bank.top_up(employer.id, 50_000)
    order = bank.order(employer.id, freelancer.id, employer_fee_minor=300)
    bank.pay(order)
    bank.complete(order)
    administrator = people("administrator").browser
    page = administrator.get("/admin/ledger").text
    for told in (
        "Paid into escrow",
        "Released from escrow",
        "Top-up",
        f"#{order.number}",
        "Ada",
        "−€500.00",
        "€90.00",
        "€10.00",
        "€3.00",
    ):
        assert told in page or told.replace("−", "-") in page, told
    assert "Everything adds up" in administrator.get("/admin/ledger/audit").text
    bank.sql("UPDATE wallet_account SET balance_minor = balance_minor + 1 WHERE kind = 'available'")
    assert "balance_differs" in administrator.get("/admin/ledger/audit").text
    for stranger in (employer.browser, freelancer.browser):
        assert stranger.get("/admin/ledger").status_code == 403
        assert stranger.get("/admin/ledger/audit").status_code == 403
    for url in ("/admin/ledger", "/admin/ledger/audit", "/wallet", "/wallet/top-up"):
        assert "/login?next=" in Browser(dispatcher).get(url).location


def test_the_ledger_is_paged(bank: Bank, people: Callable[..., Someone]) -> None:
    person = bank.person()
    for _ in range(PAGE + 2):
        bank.top_up(person, 100)
    administrator = people("administrator").browser
    page = administrator.get("/admin/ledger").text
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    assert page.count('scope="row"') == PAGE
    second = administrator.get(older[1]).text
    assert second.count('scope="row"') == 2
    assert 'rel="next"' not in second


def test_the_settings_are_exact_or_refused(bank: Bank, people: Callable[..., Someone]) -> None:
    administrator = people("administrator").browser
    page = administrator.get("/admin/settings/wallet").text
    assert 'value="10"' in page
    good = {"commission_rate": "12.5", "employer_fee_rate": "0", "clearing_days": "7", "top_up_min": "5", "top_up_max": "50"}
    for name, typed in [
        ("commission_rate", "100.01"), ("commission_rate", "-1"), ("commission_rate", "1e2"), ("commission_rate", "12.345"),
        ("employer_fee_rate", "١٢"), ("employer_fee_rate", ""), ("clearing_days", "1.5"), ("clearing_days", "-1"),
        ("clearing_days", "366"), ("top_up_min", "x"), ("top_up_max", "4"),
    ]:  # fmt: skip
        answer = administrator.submit("/admin/settings/wallet", {**good, name: typed}, page="/admin/settings/wallet")
        assert answer.status_code == 422, (name, typed)
        assert f'href="#{name}"' in answer.text
    assert administrator.submit("/admin/settings/wallet", good, page="/admin/settings/wallet").status_code == 303
    stored = bank.runtime.site.settings["wallet"]
    assert dict(stored) == {
        "commission_rate": 1250, "employer_fee_rate": 0, "clearing_days": 7, "top_up_min": 500, "top_up_max": 5000
    }  # fmt: skip
    assert 'value="12.5"' in administrator.get("/admin/settings/wallet").text


def test_settings_that_a_toggle_overtakes_are_judged_by_the_new_site(
    bank: Bank, people: Callable[..., Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = people("administrator").browser
    administrator.get("/admin/settings/wallet")
    good = {"commission_rate": "12.5", "employer_fee_rate": "0", "clearing_days": "7", "top_up_min": "5", "top_up_max": "50"}
    bound, revisions = settings.with_csrf, []

    def bound_when_the_modules_change(form: Any) -> Any:
        revisions.append(current_site().revision)
        if len(revisions) == 1:
            with bank.runtime.write(toggling=True) as session:
                bump_revision(session)
        return bound(form)

    monkeypatch.setattr(settings, "with_csrf", bound_when_the_modules_change)
    assert administrator.submit("/admin/settings/wallet", good).status_code == 303
    assert revisions == [revisions[0], revisions[0] + 1]


def test_the_wallet_is_essential(bank: Bank, dispatcher: Dispatcher) -> None:
    manifest = next(plugin.manifest for plugin in dispatcher.site.plugins if plugin.manifest.name == "wallet")
    assert manifest.essential
    assert not manifest.requires
