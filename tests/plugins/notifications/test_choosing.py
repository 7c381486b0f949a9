"""What each person chooses: by kind and channel, on the page and by the link in a mail, which needs no log-in."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.api import write
from gigneo.core.tasks.loop import TaskLoop
from gigneo.core.telling import UnknownKind, tell
from gigneo.plugins.notifications.links import links_for
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.notifications.conftest import BASE_URL, Told
from tests.plugins.orders.conftest import Market
from tests.smtp import Server

PAGE = "/account/notifications/preferences"
DELIVERED = "orders.order_delivered"


def boxes(browser: Browser) -> dict[tuple[str, str], bool]:
    """Return the boxes of the page: (channel, kind) → whether it is ticked."""
    found = re.findall(r'type="checkbox" name="(\w+)" value="([\w.]+)"( checked)?', browser.get(PAGE).text)
    return {(channel, kind): bool(ticked) for channel, kind, ticked in found}


def save(browser: Browser, *without: tuple[str, str]) -> Any:
    """Untick some boxes, and save."""
    ticked = [box for box, on in boxes(browser).items() if on and box not in without]
    data = {channel: [kind for each, kind in ticked if each == channel] for channel in ("bell", "mail")}
    return browser.submit(PAGE, data, page=PAGE, follow_redirects=True)


def told_of_a_delivery(market: Market, told: Told) -> tuple[list[str], list[str]]:
    """Deliver an order; return who was told of it in the bell, and who by mail."""
    told.news()
    market.order("delivered")
    bells, mails = told.news()
    return [line[0] for line in bells if line[1] == DELIVERED], [line[0] for line in mails if line[1] == DELIVERED]


def chosen(market: Market) -> list[Any]:
    rows = market.rows("SELECT person_id, kind, channel, wanted FROM notifications_choice ORDER BY id")
    return [(row[0], row[1], row[2], bool(row[3])) for row in rows]


@both_databases
def test_each_channel_of_each_kind_is_chosen_alone_and_only_deviations_are_kept(market: Market, told: Told) -> None:
    browser = market.employer.browser
    assert boxes(browser) and all(boxes(browser).values())
    assert told_of_a_delivery(market, told) == (["jonas"], ["jonas"])
    assert "Saved. It holds for everything from now on." in save(browser, ("mail", DELIVERED)).text
    assert chosen(market) == [(market.employer.id, DELIVERED, "mail", False)]
    assert told_of_a_delivery(market, told) == (["jonas"], [])
    save(browser, ("bell", DELIVERED), ("mail", DELIVERED))
    assert told_of_a_delivery(market, told) == ([], [])
    assert boxes(browser)["bell", "orders.draft_shared"], "nothing else is touched"
    data = {channel: [kind for each, kind in boxes(browser) if each == channel] for channel in ("bell", "mail")}
    browser.submit(PAGE, data, page=PAGE)
    assert chosen(market) == []
    assert told_of_a_delivery(market, told) == (["jonas"], ["jonas"])


def test_a_person_is_asked_about_what_their_roles_can_be_told(market: Market, people: Any) -> None:
    ada = people("administrator", name="ada")
    employer, freelancer, admin = ({kind for _, kind in boxes(one.browser)} for one in (market.employer, market.freelancer, ada))
    assert DELIVERED in employer and DELIVERED not in freelancer
    assert "orders.revision_requested" in freelancer and "orders.revision_requested" not in employer
    assert admin == {"orders.administrator_asked", "orders.cancellation_unanswered", "disputes.to_settle", "reviews.reported"}


def test_an_unknown_box_changes_nothing(market: Market) -> None:
    browser = market.employer.browser
    ticked = [kind for channel, kind in boxes(browser) if channel == "bell"]
    browser.submit(PAGE, {"bell": [*ticked, "disputes.to_settle", "x"], "mail": [*ticked, "<b>"]}, page=PAGE)
    assert chosen(market) == []


@both_databases
def test_the_link_in_a_mail_ends_exactly_its_kind_without_a_log_in(
    market: Market, told: Told, smtp: Server, anonymous: Browser
) -> None:
    market.order("delivered")
    told.news()
    [mail] = [each for receivers, each in smtp.mails if receivers == [market.employer.email]]
    text_part, html_part = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    link = mail["List-Unsubscribe"].strip("<>")
    assert link in text_part and link in html_part
    assert f"{BASE_URL}{PAGE}" in text_part and f"{BASE_URL}{PAGE}" in html_part
    path = link.removeprefix(BASE_URL)
    asked = anonymous.get(path)
    assert asked.status_code == 200 and "A final delivery waits for your approval" in asked.text
    assert market.employer.email not in asked.text and "Jonas" not in asked.text
    assert chosen(market) == [], "a GET asks and does nothing"
    assert "These mails have ended" in anonymous.post(path, data={"List-Unsubscribe": "One-Click"}).text
    anonymous.post(path)
    assert chosen(market) == [(market.employer.id, DELIVERED, "mail", False)]
    assert told_of_a_delivery(market, told) == (["jonas"], [])
    assert not boxes(market.employer.browser)["mail", DELIVERED] and boxes(market.employer.browser)["bell", DELIVERED]


def test_nobody_makes_a_link_for_somebody_else(market: Market, anonymous: Browser) -> None:
    with market.dispatcher.site.app.test_request_context():
        path = links_for(market.employer.id, DELIVERED).unsubscribe.partition("localhost")[2]
        gone = links_for(4711, DELIVERED).unsubscribe.partition("localhost")[2]
    body, _, signature = path.rpartition("/")[2].rpartition(".")
    for token in ("forged", f"{body}x.{signature}", f"{body}.{signature[:-2]}", "%00", "a.b.c", gone.rpartition("/")[2]):
        for ask in (anonymous.get, anonymous.post):
            assert ask(f"/unsubscribe/{token}").status_code == 404, token
    assert chosen(market) == []


@pytest.mark.parametrize("base_url", ["https://work.example"])
def test_mail_programs_find_their_one_click_in_one_piece(market: Market, told: Told, smtp: Server) -> None:
    market.do(_tell, market.employer, DELIVERED, title="Ein sehr langer Titel " * 8)
    told.news()
    [raw] = smtp.raw
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    [line] = [each for each in head.split("\r\n") if each.startswith("List-Unsubscribe:")]
    assert re.fullmatch(r"List-Unsubscribe: <https://work\.example/unsubscribe/[\w.-]+>", line)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert all(len(each) < 998 for each in head.split("\r\n"))


def test_without_https_no_one_click_is_promised(market: Market, told: Told, smtp: Server) -> None:
    market.do(_tell, market.employer, DELIVERED)
    told.news()
    [(_, mail)] = smtp.mails
    assert mail["List-Unsubscribe"] and mail["List-Unsubscribe-Post"] is None


def test_mails_about_the_account_have_no_way_out(market: Market, told: Told, smtp: Server, anonymous: Browser) -> None:
    save(market.employer.browser, *boxes(market.employer.browser))
    smtp.forget()
    anonymous.submit("/reset", {"email": market.employer.email}, page="/reset")
    TaskLoop(market.runtime).run_due()
    [(receivers, mail)] = smtp.mails
    assert receivers == [market.employer.email] and mail["List-Unsubscribe"] is None
    assert "/unsubscribe/" not in mail.as_string()


def test_with_the_module_off_mails_go_out_as_each_kind_says(market: Market, told: Told, smtp: Server) -> None:
    save(market.employer.browser, ("mail", DELIVERED))
    with market.runtime.write() as session:
        session.execute(text("UPDATE module_state SET wanted = false WHERE name = 'notifications'"))
        session.execute(text("UPDATE site_state SET revision = revision + 1"))
    market.dispatcher.refresh_now()
    smtp.forget()
    market.do(_tell, market.employer, DELIVERED)
    TaskLoop(market.runtime).run_due()
    [(receivers, mail)] = smtp.mails
    assert receivers == [market.employer.email] and mail["List-Unsubscribe"] is None
    assert "unsubscribe" not in mail.as_string()


def test_telling_what_no_module_contributes_is_an_error_by_name(market: Market) -> None:
    with market.dispatcher.site.app.app_context(), pytest.raises(UnknownKind, match=r"orders\.nothing"), write() as session:
        tell(session, market.employer.id, "orders.nothing", "jobs/hired", path="/")


def _tell(session: Any, someone: Someone, kind: str, title: str = "A menu") -> None:
    tell(session, someone.id, kind, "jobs/hired", path="/orders/1/overview", title=title, employer="Jonas")
