"""What is public: averages with their formula, the one answer, the profile of either side, and who is told of what."""

import pytest
from sqlalchemy import text

from gigneo.plugins.reviews import api as reviews
from gigneo.plugins.reviews import queries
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import page_of, statements
from tests.plugins.reviews.conftest import SECRET, Fair, send


def average(fair: Fair, person: Someone, role: str) -> tuple[int, int] | None:
    with fair.runtime.read() as session:
        found = queries.averages(session, person.id).get(role)
        return None if found is None else (found.stars, found.count)


@both_databases
def test_the_average_is_that_of_what_is_public_with_its_formula_and_the_rates_beside_it(fair: Fair, anonymous: Browser) -> None:
    for ratings in ((4, 5), (5, 3), (5, 5)):
        fair.both(fair.completed(), ratings)
    fair.write(fair.completed(), fair.employer, 1)
    assert average(fair, fair.freelancer, "employer") == (14, 3) and average(fair, fair.employer, "freelancer") == (13, 3)
    page = anonymous.get(f"/people/{fair.freelancer.id}").text
    for said in (
        "4.7 of 5", "14 stars ÷ 3 reviews", "sum of the stars divided by the number of public reviews",
        "4 of 4 finished orders were completed", "4 of 4 first final deliveries came by the due date",
        "0 of 4 finished orders were cancelled by the freelancer",
    ):  # fmt: skip
        assert said in page, said
    assert "13 stars ÷ 3 reviews" in anonymous.get(f"/people/{fair.employer.id}").text


def test_who_has_no_record_and_no_review_has_no_profile(fair: Fair, anonymous: Browser) -> None:
    assert anonymous.get(f"/people/{fair.employer.id}").status_code == 404
    assert anonymous.get(f"/people/{fair.employer.id}/reviews").status_code == 404
    assert anonymous.get(f"/people/{2**70}").status_code == anonymous.get(f"/people/{2**70}/reviews").status_code == 404
    order = fair.completed()
    assert "No reviews yet" in anonymous.get(f"/people/{fair.freelancer.id}").text
    fair.write(order, fair.freelancer)
    assert anonymous.get(f"/people/{fair.employer.id}").status_code == 404
    fair.write(order, fair.employer)
    assert anonymous.get(f"/people/{fair.employer.id}").status_code == 200


def test_the_reviews_of_a_person_follow_each_other_page_by_page(
    fair: Fair, anonymous: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(queries.about, "__defaults__", (None, 2))
    for number in range(5):
        order = fair.completed()
        fair.write(order, fair.employer, text=f"Number {number}.")
        fair.write(order, fair.freelancer)
    address, seen = f"/people/{fair.freelancer.id}/reviews", []
    while address:
        page = anonymous.get(address).text
        seen += [number for number in reversed(range(5)) if f"Number {number}." in page]
        address = page.partition('rel="next" href="')[2].partition('"')[0]
    assert seen == [4, 3, 2, 1, 0]
    nonsense = {
        anonymous.get(f"/people/{fair.freelancer.id}/reviews?after={text}").status_code for text in ("x", "-1", "9" * 40, "1")
    }
    assert nonsense == {200}


@both_databases
def test_the_person_whom_a_review_is_about_answers_it_once_in_public(fair: Fair, anonymous: Browser) -> None:
    order = fair.completed()
    fair.both(order)
    address = f"/orders/{order.number}/review/reply"
    assert "Answer in public" in page_of(fair.freelancer.browser, order)
    assert send(fair.freelancer.browser, address, text=" ").status_code == 422
    assert send(fair.freelancer.browser, address, text="z" * 1001).status_code == 422
    assert send(fair.freelancer.browser, address, text="Thank <b>you</b>.").status_code == 303
    for page in (page_of(fair.employer.browser, order), anonymous.get(f"/people/{fair.freelancer.id}").text):
        assert "Thank &lt;b&gt;you&lt;/b&gt;." in page
    again = send(fair.freelancer.browser, address, text="And another thing.")
    assert again.status_code == 409 and "You have answered this review already." in again.text
    assert "answered the review" in page_of(fair.employer.browser, order, "activity")
    assert fair.rows("SELECT count(*) FROM reviews_review WHERE replied_at IS NOT NULL") == [(1,)]
    assert send(fair.employer.browser, address, text="You are welcome.").status_code == 303


def test_each_is_told_by_mail_what_concerns_them_and_nothing_of_a_hidden_review(fair: Fair) -> None:
    order = fair.completed()
    fair.write(order, fair.employer)
    [waiting] = fair.mails(fair.freelancer, "Jonas has written a review")
    assert f"/orders/{order.number}/review" in waiting and SECRET not in waiting
    before = len(fair.mails(fair.employer))
    fair.write(order, fair.freelancer)
    for person in (fair.employer, fair.freelancer):
        assert len(fair.mails(person, f"The reviews of your order #{order.number}")) == 1
    assert len(fair.mails(fair.employer)) == before + 1, "who wrote first is told once that both can be read"
    fair.do(reviews.reply, order.id, fair.freelancer.id, text="Thank you.")
    assert len(fair.mails(fair.employer, "Mara answered your review")) == 1


def test_what_is_told_to_other_modules_carries_no_word_of_a_hidden_review(fair: Fair) -> None:
    fair.write(fair.completed(), fair.employer, 2)
    told = fair.rows(
        "SELECT payload FROM task WHERE payload LIKE '%reviews_written%' OR kind LIKE '%event%' OR kind LIKE '%deliver%'"
    )
    assert told and not [payload for (payload,) in told if SECRET in payload or '"rating"' in payload]


@both_databases
def test_reading_the_pages_costs_a_few_queries_however_many_reviews_there_are(fair: Fair, anonymous: Browser) -> None:
    def asked(address: str) -> int:
        anonymous.get(address)
        with statements(fair.runtime) as seen:
            assert anonymous.get(address).status_code == 200
        return len([sql for sql in seen if sql.startswith("SELECT") and "site_state" not in sql])

    fair.both(fair.completed())
    addresses = (f"/people/{fair.freelancer.id}", f"/people/{fair.freelancer.id}/reviews")
    few = [asked(address) for address in addresses]
    for _ in range(4):
        fair.both(fair.completed())
    assert [asked(address) for address in addresses] == few
    assert max(few) <= 6, few


def test_the_average_is_summed_from_the_index_alone(fair: Fair) -> None:
    fair.both(fair.completed())
    with fair.runtime.read() as session:
        statement = str(queries._AVERAGES.compile(dialect=session.get_bind().dialect)).replace("?", "1")
        plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all())
    assert "COVERING INDEX ix_reviews_review_public" in plan, plan


@both_databases
def test_a_completed_order_asks_three_queries_more_for_its_reviews_and_any_other_order_none(fair: Fair) -> None:
    def asked(address: str) -> int:
        fair.employer.browser.get(address)
        with statements(fair.runtime) as seen:
            assert fair.employer.browser.get(address).status_code == 200
        return len([sql for sql in seen if "reviews_review" in sql])

    completed, active = fair.completed(), fair.order("active")
    for order, expected in ((completed, 3), (active, 0)):
        assert asked(f"/orders/{order.number}/overview") == expected
        assert asked(f"/orders/{order.number}/activity") == max(expected - 1, 0)
    fair.both(completed)
    assert asked(f"/orders/{completed.number}/overview") == 3
    assert asked("/dashboard/orders/services") == 0
