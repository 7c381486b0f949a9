"""Two things happen to the reviews of an order at once: exactly one wins, and nothing is published twice or too early.

Each race is run by threads with connections of their own, which start at one barrier.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gigneo.core.tasks.loop import TaskLoop
from gigneo.plugins.reviews import api as reviews
from gigneo.plugins.reviews import moderating
from gigneo.plugins.reviews.publishing import open_reviews
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.jobs.test_races import at_once
from tests.plugins.orders.conftest import page_of
from tests.plugins.reviews.conftest import WINDOW, Fair

ROUNDS = 5


def writing(fair: Fair, order_id: int, person: Someone, rating: int = 5) -> Callable[[], object]:
    return lambda: fair.do(reviews.write_review, order_id, person.id, rating=rating, text="Good.")


def published(fair: Fair, order_id: int) -> list[bool]:
    rows = fair.rows("SELECT published_at FROM reviews_review WHERE order_id = :id ORDER BY id", id=order_id)
    return [at is not None for (at,) in rows]


def told(fair: Fair) -> int:
    """How often the publication of reviews was told."""
    return int(fair.rows("SELECT count(*) FROM orders_activity WHERE kind = 'reviews.published'")[0][0])


@both_databases
def test_two_reviews_by_one_author_at_once_are_one(fair: Fair) -> None:
    for _ in range(ROUNDS):
        order = fair.completed()
        results = at_once(*(writing(fair, order.id, fair.employer, rating) for rating in (1, 3, 5)))
        assert sorted(results) == ["reviewed_already", "reviewed_already", "won"], results
        assert published(fair, order.id) == [False]


@both_databases
def test_two_forms_of_one_author_at_once_over_http_write_one_review(fair: Fair) -> None:
    order = fair.completed()
    address, forms = f"/orders/{order.number}/review", []
    for rating in ("1", "5"):
        fair.employer.browser.get(address)
        forms.append({**fair.employer.browser.fields, "rating": rating, "text": "Good."})
    answers: list[int] = []
    posts = [lambda form=form: answers.append(fair.employer.browser.post(address, data=form).status_code) for form in forms]
    assert at_once(*posts) == ["won", "won"]
    assert sorted(answers) == [303, 409]
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(1,)]


@both_databases
def test_both_sides_at_once_publish_both_reviews_once(fair: Fair) -> None:
    for number in range(1, ROUNDS + 1):
        order = fair.completed()
        results = at_once(writing(fair, order.id, fair.employer), writing(fair, order.id, fair.freelancer))
        assert results == ["won", "won"]
        assert published(fair, order.id) == [True, True]
        assert told(fair) == number


@both_databases
def test_a_review_and_the_end_of_its_time_at_once_leave_nothing_hidden_and_nothing_told_twice(fair: Fair) -> None:
    for number in range(1, ROUNDS + 1):
        order = fair.completed(WINDOW - timedelta(hours=1))
        fair.write(order, fair.employer)
        ends = fair.ends(order)

        def late() -> Any:
            return fair.do(reviews.write_review, order.id, fair.freelancer.id, rating=5, text="Just in time.")  # noqa: B023

        def timer() -> Any:
            return fair.do(open_reviews, order.id)  # noqa: B023

        results = at_once(late, timer, timer)
        assert results in (["won", "won", "won"], ["review_time_over", "won", "won"]), results
        expected = [True, True] if results[0] == "won" else [True]
        assert published(fair, order.id) == expected
        assert told(fair) == number
        fair.until(ends)
        assert told(fair) == number, "the timer itself finds nothing left to publish"


@both_databases
def test_two_workers_publish_once(fair: Fair) -> None:
    order = fair.completed(WINDOW)
    with fair.at(fair.ends(order) - timedelta(hours=1)):
        fair.write(order, fair.employer)
    results = at_once(*(lambda: TaskLoop(fair.runtime).run_due() for _ in range(2)))
    assert results == ["won", "won"]
    assert published(fair, order.id) == [True] and told(fair) == 1


@both_databases
def test_two_answers_two_reports_and_two_decisions_at_once_are_one_each(fair: Fair, stranger: Someone, admin: Someone) -> None:
    for _ in range(3):
        order = fair.completed()
        review, _other = fair.both(order)
        answers = at_once(*[lambda o=order: fair.do(reviews.reply, o.id, fair.freelancer.id, text="Thanks.")] * 2)
        assert sorted(answers) == ["replied_already", "won"]
        reports = at_once(*[lambda r=review: fair.do(moderating.report, r, stranger.id, reason="Rude.")] * 2)
        assert sorted(reports) == ["reported_already", "won"]
        hide = lambda r=review: fair.do(moderating.moderate, r, admin.id, decision="hide", reason="Rude.")  # noqa: E731
        assert sorted(at_once(hide, hide)) == ["decided", "won"]


@pytest.mark.parametrize("on_at_the_end", [True, False])
def test_what_ends_while_the_module_is_off_is_published_when_it_is_back(fair: Fair, on_at_the_end: bool) -> None:
    order = fair.completed(WINDOW)
    with fair.at(fair.ends(order) - timedelta(hours=1)):
        fair.write(order, fair.employer)
    fair.switch(on=False)
    TaskLoop(fair.runtime).run_due()
    assert published(fair, order.id) == [False]
    assert "Reviews" not in page_of(fair.employer.browser, order)
    if on_at_the_end:
        fair.switch(on=True)
        TaskLoop(fair.runtime).run_due()
        assert published(fair, order.id) == [True]
