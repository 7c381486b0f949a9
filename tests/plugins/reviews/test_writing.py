"""Writing a review: by both sides, once each, in time, blind until both are in or the time is over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.reviews import api as reviews
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import page_of
from tests.plugins.reviews.conftest import OTHERS, SECRET, WINDOW, Fair, send


def everywhere(fair: Fair, number: str) -> dict[str, str]:
    """Every address that could show a review of an order."""
    people = (fair.employer.id, fair.freelancer.id)
    order = [f"/orders/{number}/{tab}" for tab in ("overview", "activity", "payments", "review", "review/reply")]
    return dict.fromkeys([*order, *(f"/people/{one}" for one in people), *(f"/people/{one}/reviews" for one in people)], "")


@both_databases
def test_both_sides_write_once_and_then_everybody_reads_both(fair: Fair, anonymous: Browser) -> None:
    order = fair.completed()
    for person, rating, words in ((fair.employer, "4", SECRET), (fair.freelancer, "5", OTHERS)):
        assert "Write a review" in page_of(person.browser, order)
        answer = send(person.browser, f"/orders/{order.number}/review", rating=rating, text=words)
        assert (answer.status_code, answer.location) == (303, f"/orders/{order.number}/overview")
    for person in (fair.employer, fair.freelancer):
        page = page_of(person.browser, order)
        assert SECRET in page and OTHERS in page and "4 stars of 5" in page and "5 stars of 5" in page
        assert "wrote a review" in page_of(person.browser, order, "activity")
        again = send(person.browser, f"/orders/{order.number}/review", rating="1", text="Once more.")
        assert again.status_code == 409 and "You have written your review." in again.text and "Once more." in again.text
    assert SECRET in anonymous.get(f"/people/{fair.freelancer.id}").text
    assert OTHERS in anonymous.get(f"/people/{fair.employer.id}").text
    assert fair.rows("SELECT count(*) FROM reviews_review WHERE published_at IS NOT NULL") == [(2,)]


@both_databases
def test_a_review_is_hidden_from_everybody_but_its_author_until_the_other_is_in(
    fair: Fair, stranger: Someone, anonymous: Browser
) -> None:
    order = fair.completed()
    fair.write(order, fair.employer)
    addresses = everywhere(fair, order.number)
    for who, browser in {"freelancer": fair.freelancer.browser, "stranger": stranger.browser, "nobody": anonymous}.items():
        for address in addresses:
            assert SECRET not in browser.get(address, follow_redirects=True).text, (who, address)
    page = page_of(fair.freelancer.browser, order)
    assert "Jonas has written a review. You can read it when yours is in" in page and "stars of 5" not in page
    mine = page_of(fair.employer.browser, order)
    assert SECRET in mine and "Your review is hidden from Mara until theirs is in" in mine
    assert fair.freelancer.browser.get("/reviews/1/report").status_code == 404
    with pytest.raises(RefusedBase, match="no review that you could answer"):
        fair.do(reviews.reply, order.id, fair.freelancer.id, text="Wait!")


@both_databases
def test_when_the_time_is_over_what_was_written_is_published_once_and_nothing_more_can_be_written(fair: Fair) -> None:
    one, none = fair.completed(WINDOW), fair.completed(WINDOW, title="Unreviewed")
    with fair.at(fair.ends(one) - timedelta(days=1)):
        fair.write(one, fair.employer)
    fair.until(fair.ends(one) - timedelta(seconds=1))
    assert SECRET not in page_of(fair.freelancer.browser, one)
    for _ in "ab":
        fair.until(fair.ends(none))
    assert SECRET in page_of(fair.freelancer.browser, one)
    assert fair.rows("SELECT count(*) FROM orders_activity WHERE kind = 'reviews.published'") == [(1,)]
    for order in (one, none):
        answer = send(fair.freelancer.browser, f"/orders/{order.number}/review", rating="1", text="Too late.")
        assert answer.status_code == 409 and "The time to write reviews ended on" in answer.text and "Too late." in answer.text
        assert "The time to write reviews ended on" in page_of(fair.freelancer.browser, order)
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(1,)]


def test_the_last_second_counts_and_the_first_one_after_it_does_not(fair: Fair) -> None:
    order = fair.completed()
    with fair.at(fair.ends(order) - timedelta(seconds=1)):
        fair.write(order, fair.employer)
    with fair.at(fair.ends(order)), pytest.raises(RefusedBase) as refusal:
        fair.write(order, fair.freelancer)
    assert [one.code for one in refusal.value.refusals] == ["review_time_over"]


def test_who_could_read_the_other_review_can_not_write_one_any_more_whatever_the_clock_says(fair: Fair) -> None:
    order = fair.completed()
    fair.write(order, fair.employer)
    fair.until(fair.ends(order))
    fair.choose(days=30)
    with fair.at(fair.ends(order)), pytest.raises(RefusedBase) as refusal:
        fair.write(order, fair.freelancer)
    assert [one.code for one in refusal.value.refusals] == ["review_time_over"]


@pytest.mark.parametrize("state", ["pending_payment", "active", "delivered", "in_revision", "cancelled"])
def test_only_a_completed_order_is_reviewed(fair: Fair, state: str) -> None:
    order = fair.order(state)
    answer = send(fair.employer.browser, f"/orders/{order.number}/review", rating="5", text="Early.")
    assert answer.status_code == 409 and "Early." in answer.text
    assert f"/orders/{order.number}/review" not in page_of(fair.employer.browser, order)
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(0,)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "Good."}, "Choose one to five stars."),
        ({"rating": "6", "text": "Good."}, "Choose one of the list"),
        ({"rating": "0", "text": "Good."}, "Choose one of the list"),
        ({"rating": "4.5", "text": "Good."}, "Choose one of the list"),
        ({"rating": "5", "text": "  "}, "Say how it was."),
        ({"rating": "5", "text": "\u200b"}, "Say how it was."),
        ({"rating": "5", "text": "z" * 2001}, "2000"),
    ],
)
def test_an_incomplete_form_says_what_is_missing_and_keeps_the_rest(fair: Fair, typed: dict[str, str], said: str) -> None:
    order = fair.completed()
    answer = send(fair.employer.browser, f"/orders/{order.number}/review", **typed)
    assert answer.status_code in {409, 422} and said in answer.text
    assert typed["text"].strip() in answer.text
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(0,)]


def test_no_rating_is_chosen_beforehand_and_what_was_chosen_is_kept(fair: Fair) -> None:
    order = fair.completed()
    page = fair.employer.browser.get(f"/orders/{order.number}/review").text
    assert page.count('type="radio"') == 5 and "checked" not in page and "<legend>How many stars?</legend>" in page
    again = send(fair.employer.browser, f"/orders/{order.number}/review", rating="2", text=" ").text
    assert (
        again.count("checked") == 1 and 'value="2"' in again.partition("checked")[2][:60] + again.partition("checked")[0][-120:]
    )


def test_what_is_written_is_shown_as_plain_text(fair: Fair, anonymous: Browser) -> None:
    order = fair.completed()
    fair.write(order, fair.employer, text="<script>alert(1)</script> **bold**\nnext")
    fair.write(order, fair.freelancer)
    for page in (page_of(fair.freelancer.browser, order), anonymous.get(f"/people/{fair.freelancer.id}").text):
        assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold**\nnext" in page


@both_databases
def test_strangers_find_nothing_and_an_administrator_who_is_no_party_writes_nothing(
    fair: Fair, stranger: Someone, admin: Someone, fingerprint: Callable[[], Any]
) -> None:
    order = fair.completed()
    for person in (stranger, admin):
        person.browser.get("/")
    before = fingerprint()
    for person in (stranger, admin):
        for path in ("review", "review/reply"):
            address = f"/orders/{order.number}/{path}"
            assert person.browser.get(address).status_code == 404
            sent = person.browser.submit(address, {"rating": "1", "text": "Me, too.", "form_key": "k" * 20})
            assert sent.status_code == 404
        with pytest.raises(RefusedBase) as refusal:
            fair.write(order, person)
        assert refusal.value.refusals[0].code == "not_found"
    assert fingerprint() == before


def test_somebody_who_is_suspended_writes_nothing(fair: Fair) -> None:
    order = fair.completed()
    fair.employer.browser.get(f"/orders/{order.number}/review")
    with fair.runtime.write() as session:
        session.execute(text("UPDATE account_user SET active = false WHERE id = :id"), {"id": fair.employer.id})
    sent = fair.employer.browser.submit(f"/orders/{order.number}/review", {"rating": "1", "text": "Out."})
    assert sent.status_code in {303, 403}
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(0,)]


def test_the_same_form_twice_writes_once(fair: Fair) -> None:
    order = fair.completed()
    address = f"/orders/{order.number}/review"
    fair.employer.browser.get(address)
    typed = {**fair.employer.browser.fields, "rating": "5", "text": "Good."}
    answers = [fair.employer.browser.post(address, data=typed) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert fair.employer.browser.post(address, data={**typed, "rating": "1"}).status_code == 409
    assert fair.rows("SELECT rating FROM reviews_review") == [(5,)]


def test_the_database_itself_refuses_a_second_review_and_a_sixth_star(fair: Fair) -> None:
    order = fair.completed()
    fair.write(order, fair.employer)
    columns = "order_id, author_id, subject_id, author_role, rating, text, written_at, reply, hidden_reason"
    copy = f"INSERT INTO reviews_review ({columns}) SELECT {columns} FROM reviews_review"
    with pytest.raises(Exception, match=r"(?i)unique"), fair.runtime.write() as session:
        session.execute(text(copy))
    with pytest.raises(Exception, match=r"(?i)check"), fair.runtime.write() as session:
        session.execute(text("UPDATE reviews_review SET rating = 6"))


def test_a_completed_order_says_what_happens_next_with_its_reviews_and_when(fair: Fair) -> None:
    order = fair.completed()
    assert "Both of you can write a review until" in page_of(fair.employer.browser, order)
    fair.write(order, fair.employer)
    assert "Jonas has written a review" in page_of(fair.freelancer.browser, order, "activity")
    fair.write(order, fair.freelancer)
    assert "until theirs is in" not in page_of(fair.employer.browser, order)
