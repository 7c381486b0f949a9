"""The module comes and goes: switched off nothing of it is seen, what was written stays, and it is all there again."""

from datetime import timedelta

from gigneo.core.tasks.loop import TaskLoop
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import page_of
from tests.plugins.reviews.conftest import SECRET, WINDOW, Fair


@both_databases
def test_switched_off_nothing_of_it_is_seen_and_switched_on_it_is_back(fair: Fair, admin: Someone, anonymous: Browser) -> None:
    order, fresh = fair.completed(), fair.completed()
    fair.both(order)
    addresses = (f"/orders/{fresh.number}/review", f"/orders/{order.number}/review/reply", "/reviews/1/report")

    def seen() -> list[bool]:
        return [
            SECRET in page_of(fair.freelancer.browser, order),
            "Write a review" in page_of(fair.employer.browser, fresh),
            SECRET in anonymous.get(f"/people/{fair.freelancer.id}").text,
            anonymous.get(f"/people/{fair.employer.id}").status_code == 200,
            anonymous.get(f"/people/{fair.freelancer.id}/reviews").status_code == 200,
            admin.browser.get("/admin/reviews").status_code == 200,
            "/admin/reviews" in admin.browser.get("/admin").text,
            all(fair.freelancer.browser.get(address).status_code < 500 != 404 for address in addresses),
            any(fair.freelancer.browser.get(address).status_code != 404 for address in addresses),
        ]

    assert all(seen())
    fair.switch(on=False)
    assert not any(seen()[:7]) and not seen()[8]
    assert "finished in the last 365 days" in anonymous.get(f"/people/{fair.freelancer.id}").text
    assert fair.rows("SELECT count(*) FROM reviews_review") == [(2,)]
    fair.switch(on=True)
    assert all(seen())


@both_databases
def test_an_order_that_was_completed_while_it_was_off_is_reviewed_and_its_time_ends_by_itself(fair: Fair) -> None:
    fair.switch(on=False)
    order = fair.completed(WINDOW - timedelta(hours=1))
    fair.switch(on=True)
    TaskLoop(fair.runtime).run_due()
    assert "Write a review" in page_of(fair.employer.browser, order)
    fair.write(order, fair.employer)
    fair.until(fair.ends(order))
    assert fair.rows("SELECT count(*) FROM reviews_review WHERE published_at IS NOT NULL") == [(1,)]


def test_the_operator_chooses_the_days_and_a_change_holds_for_running_times(fair: Fair) -> None:
    order = fair.completed(timedelta(days=3))
    fair.write(order, fair.employer)
    fair.choose(days=2)
    TaskLoop(fair.runtime).run_due()
    fair.until(fair.runtime.clock.now() + timedelta(minutes=2))
    assert fair.rows("SELECT count(*) FROM reviews_review WHERE published_at IS NOT NULL") == [(1,)]
    assert "The time to write reviews ended on" in page_of(fair.freelancer.browser, order)
