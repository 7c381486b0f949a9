"""Reports and what administrators do about them: reported first, hidden with a reason, restored, and counted accordingly."""

from collections.abc import Callable
from typing import Any

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.reviews import moderating, queries
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import page_of
from tests.plugins.reviews.conftest import SECRET, Fair, send

WHY = "It names where I live."


def audited(fair: Fair) -> list[str]:
    return [row[0] for row in fair.rows("SELECT action FROM audit_entry WHERE action LIKE 'reviews.%' ORDER BY id")]


@both_databases
def test_anybody_who_is_logged_in_reports_a_review_once_and_administrators_are_told(
    fair: Fair, stranger: Someone, admin: Someone
) -> None:
    review, _ = fair.both(fair.completed())
    address = f"/reviews/{review}/report"
    assert send(stranger.browser, address, reason=" ").status_code == 422
    assert send(stranger.browser, address, reason="z" * 501).status_code == 422
    assert send(stranger.browser, address, reason=WHY).status_code == 303
    again = send(stranger.browser, address, reason="And again.")
    assert again.status_code == 409 and "You have reported this review already." in again.text
    assert send(fair.freelancer.browser, address, reason="Me, too.").status_code == 303
    own = send(fair.employer.browser, address, reason="Mine.")
    assert own.status_code == 409 and "This is your own review." in own.text
    assert fair.rows("SELECT count(*) FROM reviews_report") == [(2,)]
    mails = fair.mails(admin, f"/admin/reviews/{review}")
    assert len(mails) == 2 and not any(SECRET in mail for mail in mails)


def test_what_can_not_be_read_can_not_be_reported_and_nobody_reports_without_a_log_in(
    fair: Fair, stranger: Someone, admin: Someone, anonymous: Browser
) -> None:
    order = fair.completed()
    review = fair.write(order, fair.employer)
    assert stranger.browser.get(f"/reviews/{review}/report").status_code == 404
    with pytest.raises(RefusedBase) as refusal:
        fair.do(moderating.report, review, stranger.id, reason=WHY)
    assert refusal.value.refusals[0].code == "not_found"
    fair.write(order, fair.freelancer)
    assert "/login" in anonymous.get(f"/reviews/{review}/report").location
    assert stranger.browser.get(f"/reviews/{review}/report").status_code == 200
    fair.do(moderating.moderate, review, admin.id, decision="hide", reason="Private.")
    assert stranger.browser.get(f"/reviews/{review}/report").status_code == 404
    assert (
        stranger.browser.get("/reviews/99/report").status_code
        == stranger.browser.get(f"/reviews/{2**70}/report").status_code
        == 404
    )


@both_databases
def test_a_hidden_review_is_gone_for_everybody_but_its_author_and_counts_nowhere_until_it_is_restored(
    fair: Fair, admin: Someone, anonymous: Browser
) -> None:
    order = fair.completed()
    review, _ = fair.both(order, (1, 5))
    fair.both(fair.completed(), (5, 5))
    fair.do(moderating.report, review, fair.freelancer.id, reason=WHY)
    address = f"/admin/reviews/{review}"
    assert WHY in admin.browser.get(address).text
    assert send(admin.browser, address, decision="hide", reason=" ").status_code == 422
    assert send(admin.browser, address, decision="burn", reason="x").status_code == 422
    assert send(admin.browser, address, decision="hide", reason="It is private.").status_code == 303
    profile = f"/people/{fair.freelancer.id}"
    assert "5 stars in 1 review" in anonymous.get(profile).text and "1 star of 5" not in anonymous.get(profile).text
    assert "The administrator has hidden this review." in page_of(fair.freelancer.browser, order)
    assert SECRET not in page_of(fair.freelancer.browser, order)
    mine = page_of(fair.employer.browser, order)
    assert SECRET in mine and "It is private." in mine
    [told] = fair.mails(fair.employer, "was hidden")
    assert "It is private." in told
    assert send(admin.browser, address, decision="restore", reason="A misunderstanding.").status_code == 303
    assert "6 stars ÷ 2 reviews" in anonymous.get(profile).text and SECRET in page_of(fair.freelancer.browser, order)
    assert audited(fair) == ["reviews.hidden", "reviews.restored"]
    history = page_of(fair.freelancer.browser, order, "activity")
    assert "hid a review as administrator" in history and "A misunderstanding." in history
    assert fair.rows("SELECT count(*) FROM reviews_report WHERE settled_at IS NULL") == [(0,)]


def test_what_was_decided_meanwhile_is_not_decided_again(fair: Fair, admin: Someone) -> None:
    review, _ = fair.both(fair.completed())
    fair.do(moderating.moderate, review, admin.id, decision="hide", reason="Private.")
    for decision in ("hide", "keep"):
        with pytest.raises(RefusedBase) as refusal:
            fair.do(moderating.moderate, review, admin.id, decision=decision, reason="Again.")
        assert refusal.value.refusals[0].code == "decided"
    answer = send(admin.browser, f"/admin/reviews/{review}", decision="hide", reason="Once more.")
    assert answer.status_code == 409 and "Once more." in answer.text
    assert audited(fair) == ["reviews.hidden"]


def test_an_administrator_who_is_a_party_decides_nothing_about_the_own_order(fair: Fair) -> None:
    review, _ = fair.both(fair.completed())
    with pytest.raises(RefusedBase) as refusal:
        fair.do(moderating.moderate, review, fair.freelancer.id, decision="hide", reason="I don't like it.")
    assert refusal.value.refusals[0].code == "own_order"


def test_a_review_that_stands_is_reported_no_more_until_somebody_else_reports_it(
    fair: Fair, admin: Someone, stranger: Someone
) -> None:
    review, _ = fair.both(fair.completed())
    fair.do(moderating.report, review, fair.freelancer.id, reason=WHY)
    assert send(admin.browser, f"/admin/reviews/{review}", decision="keep", reason="It is fair.").status_code == 303
    assert fair.rows("SELECT reported FROM reviews_review WHERE id = :id", id=review)[0][0] in (0, False)
    assert "Let it stand" not in admin.browser.get(f"/admin/reviews/{review}").text
    fair.do(moderating.report, review, stranger.id, reason="Rude.")
    assert "Let it stand" in admin.browser.get(f"/admin/reviews/{review}").text


@both_databases
def test_reported_reviews_come_first_and_pages_follow_each_other(
    fair: Fair, admin: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No reviews yet" in admin.browser.get("/admin/reviews").text
    monkeypatch.setattr(queries, "PAGE", 3)
    made = [review for _ in range(4) for review in fair.both(fair.completed())]
    for review in (made[0], made[2], made[4], made[6]):
        fair.do(moderating.report, review, fair.freelancer.id, reason=WHY)
    expected = [made[6], made[4], made[2], made[0], made[7], made[5], made[3], made[1]]
    address, seen, sizes = "/admin/reviews", [], []
    while address:
        page = admin.browser.get(address).text
        ids = [int(part.partition('"')[0]) for part in page.split('<a href="/admin/reviews/')[1:]]
        seen, sizes = [*seen, *ids], [*sizes, len(ids)]
        address = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == expected and sizes == [3, 3, 2]
    for after in ("x", "2-1", "1-x", "1-" + "9" * 40):
        assert admin.browser.get(f"/admin/reviews?after={after}").status_code == 200
    assert "Nothing is hidden" in admin.browser.get("/admin/reviews?show=hidden").text
    assert len(admin.browser.get("/admin/reviews?show=reported").text.split('<a href="/admin/reviews/')) == 4


def test_administrators_read_what_is_still_blind_and_nobody_else_gets_to_their_screens(
    fair: Fair, admin: Someone, stranger: Someone, fingerprint: Callable[[], Any]
) -> None:
    order = fair.completed()
    review = fair.write(order, fair.employer)
    assert SECRET in admin.browser.get("/admin/reviews").text and SECRET in admin.browser.get(f"/admin/reviews/{review}").text
    assert SECRET in admin.browser.get(f"/admin/orders/{order.number}").text
    assert admin.browser.get("/admin/reviews/99").status_code == 404
    for person in (fair.employer, fair.freelancer, stranger):
        person.browser.get("/")
    before = fingerprint()
    for person in (fair.employer, fair.freelancer, stranger):
        for address in ("/admin/reviews", f"/admin/reviews/{review}"):
            assert person.browser.get(address).status_code == 403
        sent = person.browser.submit(f"/admin/reviews/{review}", {"decision": "hide", "reason": "x", "form_key": "k" * 20})
        assert sent.status_code == 403
    assert fingerprint() == before
