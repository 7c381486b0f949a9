"""What the forms promise: once only, nothing typed is lost, files are judged, a stale page is told what happened."""

import io
import re

import pytest

from gigneo.core.db.locks import WriterBusy, WriterLock
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.orders.conftest import PDF, Market, page_of, pdf, upload


@both_databases
def test_a_form_sent_twice_delivers_once(market: Market) -> None:
    order = market.order("active")
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/deliver")
    fields = {**browser.fields, "version": str(order.version), "type": "draft", "description": "Look."}
    for _ in range(2):
        answer = browser.post(f"/orders/{order.number}/deliver", data={**fields, "files": [pdf()]})
        assert answer.status_code == 303
    assert market.rows("SELECT count(*) FROM orders_delivery")[0][0] == 1
    assert market.rows("SELECT count(*) FROM file_stored")[0][0] == 1
    changed = browser.post(f"/orders/{order.number}/deliver", data={**fields, "description": "Something else."})
    assert changed.status_code == 409 and "Something else." in changed.text
    assert market.rows("SELECT count(*) FROM orders_delivery")[0][0] == 1


def test_an_approval_sent_twice_is_answered_twice_and_done_once(market: Market) -> None:
    order = market.order("delivered")
    browser = market.employer.browser
    browser.get(f"/orders/{order.number}/approve")
    fields = {**browser.fields, "version": str(order.version)}
    answers = [browser.post(f"/orders/{order.number}/approve", data=fields).status_code for _ in range(3)]
    assert answers == [303, 303, 303]
    assert market.rows("SELECT count(*) FROM orders_activity WHERE kind = 'completed'")[0][0] == 1


def test_a_stale_page_says_what_happened_and_keeps_what_was_typed(market: Market) -> None:
    order = market.order("delivered")
    browser = market.employer.browser
    browser.get(f"/orders/{order.number}/request-revision")
    market.step(order, "cancel")
    answer = browser.submit(
        f"/orders/{order.number}/request-revision", {"version": str(order.version), "instructions": "Make the ear lower."}
    )
    assert answer.status_code == 409
    assert "The order has changed while you were looking at it." in answer.text
    assert "cancelled the order" in answer.text and "<bdi>Mara</bdi>" in answer.text
    assert "Make the ear lower.</textarea>" in answer.text
    assert market.facts(order).revisions_used == 0


@both_databases
def test_a_stale_delivery_keeps_description_and_files(market: Market) -> None:
    order = market.order("active")
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/deliver")
    market.step(order, "draft")
    typed = {"version": str(order.version), "type": "final", "description": "All of it."}
    answer = browser.submit(f"/orders/{order.number}/deliver", {**typed, "files": [pdf("all.pdf")]})
    assert answer.status_code == 409 and "shared a draft" in answer.text
    assert "All of it.</textarea>" in answer.text and "all.pdf" in answer.text
    kept = market.rows("SELECT id FROM file_stored WHERE name = 'all.pdf'")[0][0]
    again = {"version": str(order.version + 1), "type": "final", "description": "All of it.", "kept": str(kept)}
    assert browser.submit(f"/orders/{order.number}/deliver", again).status_code == 303
    assert "all.pdf" in page_of(market.employer.browser, order)
    assert market.rows("SELECT origin_kind FROM file_stored WHERE id = :id", id=kept)[0][0] == "orders.delivery"


def test_the_type_of_a_delivery_must_be_chosen(market: Market) -> None:
    order = market.order("active")
    browser = market.freelancer.browser
    form = browser.get(f"/orders/{order.number}/deliver")
    assert 'type="radio"' in form.text and "checked" not in form.text
    answer = browser.submit(f"/orders/{order.number}/deliver", {"description": "My words.", "files": [pdf("good.pdf")]})
    assert answer.status_code == 422
    assert "Choose Draft Work or Final Delivery." in answer.text
    assert "My words.</textarea>" in answer.text and "good.pdf" in answer.text
    assert market.facts(order) == order


def test_empty_too_large_and_disallowed_files_are_explained_by_name(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    order = market.order("active")
    browser = market.freelancer.browser
    monkeypatch.setitem(market.runtime.config.uploads.__dict__, "max_mb", 0.25)
    limit = 256 * 1024
    files = [
        (io.BytesIO(b""), "nothing.pdf"),
        (io.BytesIO(b"%PDF-1.4\n" + b"0" * limit), "huge.pdf"),
        (io.BytesIO(b"<script>alert(1)</script>"), "page.html"),
        (io.BytesIO(b"#!/bin/sh\n"), "not-really.pdf"),
        (io.BytesIO(PDF), "good.pdf"),
    ]
    browser.get(f"/orders/{order.number}/deliver")
    answer = browser.submit(f"/orders/{order.number}/deliver", {"type": "final", "description": "Words.", "files": files})
    assert answer.status_code == 422
    for told in ("nothing.pdf is empty", "huge.pdf has", "page.html", "not-really.pdf"):
        assert told in answer.text, told
    assert "Words.</textarea>" in answer.text
    assert [row[0] for row in market.rows("SELECT name FROM file_stored")] == ["good.pdf"]
    assert market.facts(order) == order and market.rows("SELECT count(*) FROM orders_delivery")[0][0] == 0


def test_a_delivery_carries_only_files_that_its_sender_kept(market: Market) -> None:
    order = market.order("active")
    foreign = market.do(orders.keep, upload("secret.pdf"), market.employer.id).id
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/deliver")
    answer = browser.submit(f"/orders/{order.number}/deliver", {"type": "final", "description": "x", "kept": str(foreign)})
    assert answer.status_code == 422 and "secret.pdf" not in answer.text
    assert market.rows("SELECT owner_kind FROM file_stored")[0][0] == "orders.upload"
    assert browser.get(f"/files/{foreign}").status_code == 404


def test_both_sides_add_files_and_say_what_they_are(market: Market) -> None:
    order = market.order("active")
    for someone, name in ((market.employer, "brief.pdf"), (market.freelancer, "sketch.pdf")):
        address = f"/orders/{order.number}/attachments"
        someone.browser.get(address)
        answer = someone.browser.submit(address, {"kind": "reference", "files": [pdf(name)]})
        assert answer.status_code == 303, answer.text
    page = page_of(market.employer.browser, order, "attachments")
    assert "brief.pdf" in page and "sketch.pdf" in page and "Reference" in page
    assert '<b class="count">2</b>' in page
    other = market.order("active")
    assert "brief.pdf" not in page_of(market.employer.browser, other, "attachments")
    assert '<b class="count">' not in page_of(market.employer.browser, other, "attachments")


def test_an_upload_without_kind_or_file_is_explained(market: Market) -> None:
    order = market.order("active")
    browser = market.employer.browser
    address = f"/orders/{order.number}/attachments"
    browser.get(address)
    for data, told in (
        ({"kind": "", "files": [pdf()]}, "Say what the file is."),
        ({"kind": "reference"}, "Choose at least one file."),
        ({"kind": "reference", "files": [(io.BytesIO(b""), "none.pdf")]}, "none.pdf is empty"),
    ):
        answer = browser.submit(address, data, content_type="multipart/form-data")
        assert answer.status_code == 422 and told in answer.text
    assert market.rows("SELECT count(*) FROM file_stored")[0][0] == 0


def test_text_comes_back_as_typed_and_is_cleaned_where_it_is_shown(market: Market) -> None:
    nasty = '<script>alert(1)</script> **bold** %(total)s {{ 7*7 }} "quoted" \u202e\U0001f600'
    order = market.order("active")
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/deliver")
    assert browser.submit(f"/orders/{order.number}/deliver", {"type": "draft", "description": nasty}).status_code == 303
    page = page_of(market.employer.browser, order)
    assert "<script>alert" not in page and "<strong>bold</strong>" in page and "%(total)s" in page and "{{ 7*7 }}" in page
    assert market.rows("SELECT description FROM orders_delivery")[0][0] == nasty


def test_a_form_that_met_a_busy_site_is_offered_again_with_everything_that_was_typed(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = market.order("delivered")
    browser = market.employer.browser
    address = f"/orders/{order.number}/request-revision"
    browser.get(address)
    typed = {**browser.fields, "instructions": "Heavier <b>please</b>."}
    same = {"Sec-Fetch-Site": "same-origin"}
    with monkeypatch.context() as patched:
        patched.setattr(WriterLock, "held", _never)
        answer = browser.post(address, data=typed, headers=same)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert "Nothing was written." in answer.text and 'value="Heavier &lt;b&gt;please&lt;/b&gt;."' in answer.text
    assert browser.post(address, data=typed, headers=same).status_code == 303
    assert market.facts(order).state == "in_revision"


def _never(*_arguments: object, **_named: object) -> None:
    raise WriterBusy("The database was busy.")


def test_a_rejection_without_the_field_for_words_is_one_without_words(market: Market) -> None:
    order = market.order("active")
    market.do(orders.request_cancellation, order.id, market.employer.id, reason="Something else", description="No need.")
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/reject-cancellation")
    assert browser.submit(f"/orders/{order.number}/reject-cancellation").status_code == 303
    assert market.facts(order).request("cancellation") is None
    for action, missing in (("request-extension", "Say how many."), ("deliver", "Choose Draft Work or Final Delivery.")):
        answer = browser.submit(f"/orders/{order.number}/{action}", page=f"/orders/{order.number}/{action}")
        assert answer.status_code == 422 and missing in answer.text


def test_a_text_that_fits_with_the_line_ends_of_its_writer_is_not_refused_for_those_of_the_browser(market: Market) -> None:
    order = market.order("active")
    browser, fits = market.freelancer.browser, "a\n" * 2499 + "bc"
    browser.get(f"/orders/{order.number}/deliver")
    sent = {"type": "draft", "description": fits.replace("\n", "\r\n")}
    assert browser.submit(f"/orders/{order.number}/deliver", sent).status_code == 303
    assert market.rows("SELECT description FROM orders_delivery")[0][0] == fits
    browser.get(f"/orders/{order.number}/deliver")
    answer = browser.submit(f"/orders/{order.number}/deliver", {**sent, "description": sent["description"] + "d"})
    assert answer.status_code == 422 and "This has 5001 characters; the limit is 5000." in answer.text


@pytest.mark.parametrize("unseen", ["", "&nbsp;", "&#8203;", "\u200b \u2060", "\u3164\u2800", "\u200f\r\n\t", "\ufe0f"])
@pytest.mark.parametrize("kind", ["draft", "final"])
def test_a_delivery_of_which_nothing_can_be_seen_is_empty(market: Market, kind: str, unseen: str) -> None:
    order = market.order("active")
    browser = market.freelancer.browser
    browser.get(f"/orders/{order.number}/deliver")
    answer = browser.submit(f"/orders/{order.number}/deliver", {"type": kind, "description": unseen})
    assert answer.status_code == 422 and "Say what you deliver, or attach a file." in answer.text
    assert market.facts(order) == order


def test_a_form_sent_again_with_another_file_of_the_same_name_is_another_form(market: Market) -> None:
    work, sent_back = market.order("active"), market.order("delivered")
    for order, who, path, typed in (
        (work, market.freelancer, "attachments", {"kind": "reference"}),
        (work, market.freelancer, "deliver", {"type": "draft", "version": str(work.version)}),
        (sent_back, market.employer, "request-revision", {"instructions": "Heavier.", "version": str(sent_back.version)}),
    ):
        browser = who.browser
        browser.get(f"/orders/{order.number}/{path}")
        sent = {**browser.fields, **typed}
        statuses = [
            browser.post(f"/orders/{order.number}/{path}", data={**sent, "files": [(io.BytesIO(content), "a.pdf")]}).status_code
            for content in (PDF, PDF, PDF + b"%", PDF[:-1] + b"%")
        ]
        assert statuses == [303, 303, 409, 409], path


def test_what_must_be_there_is_not_called_optional(market: Market) -> None:
    order = market.order("active")
    page = page_of(market.freelancer.browser, order, "attachments")
    assert re.search(r'<input[^>]*\brequired\b[^>]*type="file"|<input[^>]*type="file"[^>]*\brequired\b', page)
    assert "optional" not in page.partition('enctype="multipart/form-data"')[2]
    form = market.freelancer.browser.get(f"/orders/{order.number}/deliver").text
    assert "or words alone" in form and "or files" in form
