"""One order from purchase to approval through its forms, as two people would walk it."""

from tests.plugins.orders.conftest import Market, page_of, pdf


def test_an_order_is_paid_delivered_and_approved_through_its_pages(market: Market) -> None:
    order = market.order("pending_payment")
    employer, freelancer = market.employer.browser, market.freelancer.browser
    assert "Your turn: pay the order" in page_of(employer, order)

    answer = employer.submit(f"/orders/{order.number}/pay", page=f"/orders/{order.number}/pay")
    assert answer.status_code == 303
    assert market.facts(order).state == "active"

    form = freelancer.get(f"/orders/{order.number}/deliver")
    assert "Draft Work" in form.text and "Final Delivery" in form.text and "checked" not in form.text
    answer = freelancer.submit(
        f"/orders/{order.number}/deliver",
        {"type": "final", "description": "The *final* files.", "files": [pdf("a.pdf"), pdf("b.pdf")]},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text
    page = page_of(employer, order)
    assert "a.pdf" in page and "b.pdf" in page and "<em>final</em>" in page and "Approve Delivery" in page

    answer = employer.submit(f"/orders/{order.number}/approve", page=f"/orders/{order.number}/approve")
    assert answer.status_code == 303
    assert market.facts(order).state == "completed"
    told = page_of(freelancer, order, "activity")
    for words in ("placed the order", "into escrow", "submitted the final delivery with 2 files", "the order is completed"):
        assert words in told


def test_every_tab_and_form_of_every_state_renders_for_both(market: Market) -> None:
    for state in ("pending_payment", "active", "delivered", "in_revision", "completed", "cancelled"):
        order = market.order(state)
        for someone in (market.employer, market.freelancer):
            for tab in ("overview", "activity", "attachments", "payments"):
                page_of(someone.browser, order, tab)
            for form in ("pay", "drop", "deliver", "approve", "request-revision", "cancel"):
                assert someone.browser.get(f"/orders/{order.number}/{form}").status_code in {200, 409}


def test_every_filter_and_order_of_the_lists_renders(market: Market) -> None:
    market.order("delivered")
    for listing in ("services", "jobs"):
        for show in ("all", "needs-me", "open", "late", "completed", "cancelled", "nonsense"):
            for sort in ("newest", "due"):
                answer = market.employer.browser.get(f"/dashboard/orders/{listing}?show={show}&sort={sort}")
                assert answer.status_code == 200
