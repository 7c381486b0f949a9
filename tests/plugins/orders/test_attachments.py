"""The Attachments tab: what either side adds, sees and takes back, and the limits that hold for it."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gigneo.core.files.keeping import blobs_kept
from gigneo.core.refusals import Refused
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders import filing
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of, pdf, statements, upload
from tests.plugins.orders.test_races import at_once
from tests.plugins.orders.test_timers import choose

SENDS = {"X-Requested-With": "fetch"}


def add(market: Market, order: Any, someone: Someone, name: str = "a.pdf", kind: str = "reference") -> int:
    return int(market.do(orders.add_files, order.id, someone.id, kind, [upload(name)])[0])


def text_file(name: str, length: int) -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"words " * (length // 6)), name


def files(market: Market) -> list[str]:
    return [row[0] for row in market.rows("SELECT name FROM file_stored ORDER BY id")]


@both_databases
def test_the_tab_says_of_each_file_what_it_is_who_sent_it_and_with_what_it_came(market: Market) -> None:
    order = market.order("active")
    add(market, order, market.employer, "wishes.pdf", "instruction")
    market.do(orders.deliver, order.id, market.freelancer.id, final=True, uploads=[upload("work.pdf")])
    market.do(orders.request_revision, order.id, market.employer.id, instructions="More.", uploads=[upload("marks.pdf")])
    page = page_of(market.freelancer.browser, order, "attachments")
    rows = [part.partition("</li>")[0] for part in page.split('class="row-item file-row"')[1:]]
    assert ["marks.pdf" in rows[0], "work.pdf" in rows[1], "wishes.pdf" in rows[2]] == [True] * 3
    for row, told in zip(
        rows, (("Revision request", "Instruction", "Jonas"), ("Delivery", "Deliverable", "You"), ("Upload", "Jonas")), strict=True
    ):
        assert all(word in row for word in told), (told, row)
    assert "marks.pdf" in page_of(market.freelancer.browser, order, "overview")
    assert "with 1 file" in page_of(market.freelancer.browser, order, "activity")


def test_a_kind_narrows_the_tab_and_pages_go_on_by_key(market: Market) -> None:
    order = market.order("active")
    for number in range(33):
        add(market, order, market.employer, f"n{number:02}.pdf", "reference" if number % 2 else "instruction")
    browser = market.employer.browser
    first = page_of(browser, order, "attachments")
    assert "n32.pdf" in first and "n03.pdf" in first and "n02.pdf" not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(older).text
    assert "n02.pdf" in second and "n00.pdf" in second and "n03.pdf" not in second and 'rel="next"' not in second
    narrowed = browser.get(f"/orders/{order.number}/attachments?kind=instruction").text
    assert "n32.pdf" in narrowed and "n31.pdf" not in narrowed
    assert "Nothing of this kind" in browser.get(f"/orders/{order.number}/attachments?kind=deliverable").text
    for nonsense in ("?kind=%27--", "?before=abc", "?before=-1", "?before=99999999999999999999", "?kind=" + "x" * 5000):
        assert browser.get(f"/orders/{order.number}/attachments{nonsense}").status_code == 200, nonsense


def test_the_tab_asks_as_much_of_the_database_with_thirty_files_as_with_one(market: Market) -> None:
    order = market.order("active")
    counted = []
    for more in (1, 29):
        for number in range(more):
            add(market, order, market.employer, f"{more}-{number}.pdf")
        page_of(market.employer.browser, order, "attachments")
        with statements(market.runtime) as asked:
            page_of(market.employer.browser, order, "attachments")
        counted.append([statement for statement in asked if statement.lstrip().startswith("SELECT")])
    assert len(counted[0]) == len(counted[1]) <= 6, counted[1]


@both_databases
def test_a_file_is_added_once_however_often_its_form_comes_and_leaves_no_bytes_behind(market: Market) -> None:
    order = market.order("active")
    address = f"/orders/{order.number}/attachments"
    browser = market.employer.browser
    browser.get(address)
    fields = dict(browser.fields)
    for _ in range(3):
        assert browser.post(address, data={**fields, "kind": "reference", "files": [pdf()]}).status_code == 303
    assert files(market) == ["identity.pdf"]
    assert kept(market) == {row[0] for row in market.rows("SELECT storage_key FROM file_stored")}


def test_a_script_gets_words_instead_of_a_page(market: Market) -> None:
    order = market.order("active")
    address = f"/orders/{order.number}/attachments"
    browser = market.employer.browser
    browser.get(address)
    wrong = {"kind": "", "files": [(io.BytesIO(b""), "none.pdf"), pdf("good.pdf")]}
    refused = browser.submit(address, wrong, headers=SENDS, content_type="multipart/form-data")
    assert refused.status_code == 422 and refused.json is not None
    assert any("none.pdf" in reason for reason in refused.json["errors"]) and "Say what the file is." in refused.json["errors"]
    done = browser.submit(address, {"kind": "reference", "files": [pdf("good.pdf")]}, headers=SENDS)
    assert done.status_code == 201 and done.json == {"location": address}
    assert files(market) == ["good.pdf"] and not market.order("active").holds


def test_the_other_side_is_told_of_files_and_of_their_removal(market: Market, run_tasks: Callable[[], int]) -> None:
    order = market.order("active")
    run_tasks()
    before = mails(market)
    file_id = add(market, order, market.employer, "wishes.pdf")
    run_tasks()
    [mail] = mails(market) - before
    assert "mara@people.example" in mail and "New files on your order" in mail and "wishes.pdf" in mail
    market.do(orders.take_back, order.id, market.employer.id, file_id)
    assert "removed the file wishes.pdf" in page_of(market.freelancer.browser, order, "activity")
    events = [
        row[0] for row in market.rows("SELECT kind FROM task WHERE kind LIKE 'event:attachment%' OR kind = 'event:order_changed'")
    ]
    assert events.count("event:order_changed") >= 2


@both_databases
def test_who_added_a_file_takes_it_back_after_a_question_and_its_bytes_go(market: Market, run_tasks: Callable[[], int]) -> None:
    order = market.order("active")
    file_id = add(market, order, market.employer, "wrong.pdf")
    browser = market.employer.browser
    address = f"/orders/{order.number}/attachments/{file_id}/remove"
    assert address in page_of(browser, order, "attachments")
    assert address not in page_of(market.freelancer.browser, order, "attachments")
    assert "gone for both of you" in browser.get(address).text and files(market) == ["wrong.pdf"]
    fields = dict(browser.fields)
    for _ in range(2):
        assert browser.post(address, data=fields).status_code == 303
    assert files(market) == [] and browser.get(f"/files/{file_id}").status_code == 404
    assert market.facts(order).version == order.version
    run_tasks()
    assert kept(market) == set()


@both_databases
def test_a_file_stays_once_anybody_else_has_acted_on_the_order(market: Market) -> None:
    acts: dict[str, Callable[[Any], object]] = {
        "delivers": lambda order: market.step(order, "deliver"),
        "shares a draft": lambda order: market.step(order, "draft"),
        "asks for days": lambda order: market.do(
            orders.request_extension, order.id, market.freelancer.id, days=2, reason="More time."
        ),
        "adds a file": lambda order: add(market, order, market.freelancer),
    }
    for said, act in acts.items():
        order = market.order("active")
        file_id = add(market, order, market.employer)
        act(order)
        later = add(market, order, market.employer)
        with pytest.raises(Refused) as refused:
            market.do(orders.take_back, order.id, market.employer.id, file_id)
        assert refused.value.code == "acted_since", said
        page = market.employer.browser.get(f"/orders/{order.number}/attachments/{file_id}/remove")
        assert page.status_code == 409 and "Somebody else has acted" in page.text and "Remove the file" not in page.text
        market.do(orders.take_back, order.id, market.employer.id, later)


def test_nobody_removes_what_another_added_what_was_delivered_or_anything_under_a_hold(market: Market) -> None:
    order = market.order("active")
    foreign = add(market, order, market.employer)
    market.do(orders.deliver, order.id, market.freelancer.id, final=False, uploads=[upload("draft.pdf")])
    delivered = market.rows("SELECT id FROM file_stored WHERE name = 'draft.pdf'")[0][0]
    own = add(market, order, market.freelancer)
    for file_id, code in ((foreign, "not_yours"), (delivered, "came_with")):
        with pytest.raises(Refused) as refused:
            market.do(orders.take_back, order.id, market.freelancer.id, file_id)
        assert refused.value.code == code
    market.do(orders.place_hold, order.id, "orders", "Looked at.", {"cancel"})
    with pytest.raises(Refused) as refused:
        market.do(orders.take_back, order.id, market.freelancer.id, own)
    assert refused.value.code == "held"


@both_databases
def test_taking_a_file_back_while_the_other_side_delivers_has_one_outcome(market: Market) -> None:
    for _ in range(4):
        order = market.order("active")
        file_id = add(market, order, market.employer)
        results = at_once(
            lambda order=order, file_id=file_id: market.do(orders.take_back, order.id, market.employer.id, file_id),  # type: ignore[misc]
            lambda order=order: market.step(order, "deliver"),  # type: ignore[misc]
        )
        assert results in (["won", "won"], ["acted_since", "won"])
        there = market.rows("SELECT count(*) FROM file_stored WHERE id = :id", id=file_id)[0][0]
        assert there == (0 if results[0] == "won" else 1)


@both_databases
@pytest.mark.parametrize("quota", ["person_day", "order"])
def test_two_uploads_at_once_never_take_more_than_is_left(market: Market, quota: str) -> None:
    shared = market.order("active")
    other = market.order("active") if quota == "person_day" else shared
    choose(market, **{f"{quota}_files_mb": 1})

    def send(order: Any, name: str) -> Callable[[], object]:
        body, _ = text_file(name, 600_000)
        return lambda: market.do(orders.add_files, order.id, market.employer.id, "reference", [upload(name, body.read())])

    results = at_once(send(shared, "one.txt"), send(other, "two.txt"))
    assert sorted(results) == sorted(["won", f"{'day' if quota == 'person_day' else 'order'}_quota"])
    assert len(files(market)) == 1


@both_databases
def test_limits_are_the_operators_and_refusals_name_them(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "MEGABYTE", 1000)
    order = market.order("active")
    address = f"/orders/{order.number}/attachments"
    browser = market.employer.browser
    for chosen, sent, told in (
        ({"file_types": "png, txt"}, [pdf()], "identity.pdf can&#39;t be sent"),
        ({"file_mb": 1}, [text_file("long.txt", 1200)], "long.txt has"),
        ({"order_files_mb": 1}, [text_file("a.txt", 600), text_file("b.txt", 600)], "files of an order may take"),
        ({"person_day_files_mb": 1}, [text_file("a.txt", 600), text_file("b.txt", 600)], "b.txt can&#39;t be sent today"),
        ({"files_per_delivery": 1}, [pdf(), pdf()], "At most one file at once."),
    ):
        usual = {"file_mb": 100, "order_files_mb": 2000, "person_day_files_mb": 2000, "files_per_delivery": 20}
        choose(market, **{**usual, "file_types": "pdf, png, txt", **chosen})
        browser.get(address)
        answer = browser.submit(address, {"kind": "reference", "files": sent})
        assert answer.status_code == 422 and told in answer.text, (told, answer.text[-3000:])
    assert files(market) == [] and kept(market) == set()


def test_the_twenty_first_upload_of_an_hour_waits(market: Market) -> None:
    order = market.order("active")
    address = f"/orders/{order.number}/attachments"
    browser = market.employer.browser
    for number in range(21):
        browser.get(address)
        answer = browser.submit(address, {"kind": "reference", "files": [pdf(f"{number}.pdf")]})
        assert answer.status_code == (303 if number < 20 else 429), number
    assert int(answer.headers["Retry-After"]) > 0 and "That was a lot in an hour." in answer.text
    assert len(files(market)) == 20


@both_databases
def test_files_that_wait_for_a_form_are_swept_after_a_week_unless_it_takes_them(
    market: Market, run_tasks: Callable[[], int]
) -> None:
    order = market.order("active")
    old = market.do(orders.keep, upload("old.pdf"), market.freelancer.id).id
    market.runtime.clock.move_by(timedelta(days=6))  # type: ignore[attr-defined]
    market.do(orders.keep, upload("young.pdf"), market.freelancer.id)
    run_tasks()
    assert files(market) == ["old.pdf", "young.pdf"]
    market.runtime.clock.move_by(timedelta(days=2))  # type: ignore[attr-defined]
    sweep = market.dispatcher.site.contributions.task_handlers
    [handler] = [one for one in sweep if one.kind == "orders.sweep_uploads"]
    results = at_once(
        lambda: market.do(lambda session: handler.run({}, session)),
        lambda: market.do(orders.deliver, order.id, market.freelancer.id, final=False, file_ids=[old]),
    )
    assert results in (["won", "won"], ["won", "file_gone"])
    run_tasks()
    assert files(market) == (["old.pdf", "young.pdf"] if results[1] == "won" else ["young.pdf"])
    assert kept(market) == {row[0] for row in market.rows("SELECT storage_key FROM file_stored")}


@both_databases
def test_a_waiting_file_goes_with_one_of_two_deliveries(market: Market) -> None:
    first, second = market.order("active"), market.order("active")
    waiting = market.do(orders.keep, upload("work.pdf"), market.freelancer.id).id
    results = at_once(
        *(
            lambda order=order: market.do(orders.deliver, order.id, market.freelancer.id, final=True, file_ids=[waiting])  # type: ignore[misc]
            for order in (first, second)
        )
    )
    assert sorted(results) == ["file_gone", "won"]
    won = (first, second)[results.index("won")]
    assert market.rows("SELECT owner_kind, owner_id FROM file_stored") == [("orders.order", won.id)]


def test_a_refused_revision_keeps_its_files(market: Market) -> None:
    order = market.order("delivered")
    browser = market.employer.browser
    address = f"/orders/{order.number}/request-revision"
    browser.get(address)
    wrong = {"instructions": "", "files": [pdf("marks.pdf"), (io.BytesIO(b"MZ"), "virus.exe")]}
    refused = browser.submit(address, wrong)
    assert refused.status_code == 422 and "virus.exe" in refused.text and "marks.pdf" in refused.text
    waiting = market.rows("SELECT id FROM file_stored WHERE name = 'marks.pdf'")[0][0]
    assert browser.submit(address, {"instructions": "Heavier.", "kept": str(waiting)}).status_code == 303
    assert market.rows("SELECT origin_kind FROM file_stored") == [("orders.revision",)]
    assert "requested a revision with files (1); 2 are left" in browser.get(f"/orders/{order.number}/activity").text


def kept(market: Market) -> set[str]:
    """The keys of everything in the storage."""
    return {blob.key for blobs in market.runtime.storage.blobs() for blob in blobs}


def mails(market: Market) -> set[str]:
    return {path.read_text() for path in market.runtime.config.mail_folder.glob("*")}


@both_databases
def test_the_bytes_of_a_removed_file_stay_while_a_backup_runs_and_go_afterwards(
    market: Market, run_tasks: Callable[[], int]
) -> None:
    order = market.order("active")
    run_tasks()
    file_id = add(market, order, market.employer)
    [key] = [row[0] for row in market.rows("SELECT storage_key FROM file_stored")]
    with blobs_kept(market.runtime):
        market.do(orders.take_back, order.id, market.employer.id, file_id)
        run_tasks()
        assert files(market) == [] and kept(market) == {key}
    with market.runtime.clock.standing_at(market.runtime.clock.now() + timedelta(minutes=6)):  # type: ignore[attr-defined]
        run_tasks()
    assert kept(market) == set()
