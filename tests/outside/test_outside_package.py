"""A package from outside: installed while the site runs, enabled in the page, everything it adds works, and goes again."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from sqlalchemy import text

from gigneo.core.runtime import Runtime
from gigneo.testing.commands import gigneo
from gigneo.testing.fixtures import PASSWORD, Browser, Someone
from tests.plugins.orders.conftest import Market, page_of

ALLOWED = re.compile(r"^\s*(?:from|import) (gigneo\.[\w.]+)", re.MULTILINE)


def heard(runtime: Runtime) -> list[str]:
    with runtime.read() as session:
        return list(session.execute(text("SELECT what FROM extras_heard ORDER BY id")).scalars())


def mails(runtime: Runtime) -> list[EmailMessage]:
    parse = BytesParser(_class=EmailMessage, policy=default).parsebytes
    return [parse(path.read_bytes()) for path in runtime.config.mail_folder.glob("*.eml")]


def switch(admin: Browser, verb: str) -> str:
    path = f"/admin/modules/extras/{verb}"
    answer = admin.submit(path, {"fresh_password": PASSWORD}, page=path, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_it_imports_nothing_but_the_public_doors() -> None:
    for path in (Path(__file__).parent / "acme-extras").rglob("*.py"):
        for module in ALLOWED.findall(path.read_text()):
            assert module in {"gigneo.api", "gigneo.hooks", "gigneo.contributions", "gigneo.plugins.orders.api"}, path


def test_everything_that_it_adds_works_while_it_is_on_and_is_gone_when_it_is_off(
    runtime: Runtime,
    market: Market,
    people: Callable[..., Someone],
    run_tasks: Callable[[], int],
    install: Callable[[], None],
    packages: Path,
    tmp_path: Path,
) -> None:
    admin, employer, freelancer = people("administrator").browser, market.employer.browser, market.freelancer.browser
    order = market.order("delivered")
    add = f"/orders/{order.number}/extras/add"

    def nothing_of_it_is_there() -> None:
        assert "extras" not in page_of(employer, order).lower()
        for path in ("/extras", add, f"/orders/{order.number}/extras"):
            assert employer.get(path).status_code == 404, path
        for path in ("/admin/extras", "/admin/settings/extras"):
            assert admin.get(path).status_code == 404, path
        assert "extras" not in employer.get("/dashboard/orders/services").text.lower()
        assert "extras-footer" not in employer.get("/services").text
        assert "extras" not in admin.get("/admin").text.lower()

    nothing_of_it_is_there()
    install()
    assert "Found: Extras." in admin.submit("/admin/modules/look", page="/admin/modules", follow_redirects=True).text
    nothing_of_it_is_there()
    page = switch(admin, "enable")
    card = page[page.index('id="module-extras"') :].partition("</li>")[0]
    for added in ("Extras is enabled.", 'data-state="enabled"'):
        assert added in page
    for added in (
        "2 tabs",
        "2 actions",
        "1 page",
        "1 admin screen",
        "2 panels",
        "1 permission",
        "2 tables",
        "1 timer",
        "needs Orders",
    ):
        assert added in card, (added, card)
    assert heard(runtime) == ["enabled"]

    # tab, action, panel, menu, dashboard tab, slot, static file, admin screen, settings
    overview = page_of(employer, order)
    assert 'id="extras-panel"' in overview and "Add a Note" in overview and f"/orders/{order.number}/extras" in overview
    assert f'href="{add}"' in overview
    theirs = page_of(freelancer, order)
    assert f'href="{add}"' not in theirs and "Only the employer adds notes." in theirs
    listing = employer.get("/dashboard/orders/services").text
    assert listing.count('href="/extras"') >= 2
    mine = employer.get("/extras").text
    static = re.search(r'href="(/static/extras/[^"]+)"', mine)
    assert static
    with employer.get(static.group(1)) as answer:
        assert answer.status_code == 200
    assert admin.get("/admin/extras").status_code == 200 and employer.get("/admin/extras").status_code == 403
    assert 'href="/admin/extras"' in admin.get("/admin").text

    # the form, the setting, the table, its own event
    assert employer.submit("/admin/settings/extras", {"longest": "5"}, page="/extras").status_code == 403
    assert admin.submit("/admin/settings/extras", {"longest": "5"}, page="/admin/settings/extras").status_code == 303
    refused = employer.submit(add, {"text": "far too long"}, page=add)
    assert refused.status_code == 409 and "far too long" in refused.text and "This note is too long." in refused.text
    assert employer.submit(add, {"text": "wait"}, page=add).status_code == 303
    tab = page_of(employer, order, "extras")
    assert 'id="extras-tab"' in tab and "wait" in tab and "noted something" in page_of(employer, order, "activity")
    assert people("employer", name="other").browser.get(add).status_code == 404
    run_tasks()
    assert "noted" in heard(runtime)
    [mail] = [each for each in mails(runtime) if each["Subject"] == f"A note on {order.title}"]
    body = mail.get_body(("plain",))
    assert mail["To"] == "mara@people.example" and body and "wait" in body.get_content()

    # the veto refuses, then lets pass; the participant and the event handler of the completion
    approve = f"/orders/{order.number}/approve"
    assert "A note says to wait." in page_of(employer, order)
    refused = employer.get(approve)
    assert refused.status_code == 409 and "A note says to wait." in refused.text
    assert employer.submit(approve).status_code == 409
    assert market.facts(order).state == "delivered"
    with runtime.write() as session:
        session.execute(text("UPDATE extras_note SET text = 'fine'"))
    assert employer.submit(approve, page=approve).status_code == 303
    assert heard(runtime)[-1] == "completing"
    run_tasks()
    assert "completed" in heard(runtime)

    # the periodic task, and the command
    runtime.clock.move_by(timedelta(hours=2))  # type: ignore[attr-defined]
    run_tasks()
    assert "swept" in heard(runtime)
    counted = gigneo(tmp_path, "extras", "count", environment={"PYTHONPATH": str(packages)})
    assert counted.stdout.strip().endswith("1 notes"), counted.stdout + counted.stderr

    # gone, with its data kept; and back
    assert "Extras is disabled. Its data is kept." in switch(admin, "disable")
    nothing_of_it_is_there()
    assert heard(runtime)[-1] == "disabled"
    assert gigneo(tmp_path, "extras", "count", environment={"PYTHONPATH": str(packages)}).returncode != 0
    switch(admin, "enable")
    assert "fine" in page_of(employer, order, "extras")


def test_its_timers_are_armed_on_the_orders_that_are_there_and_wait_while_it_is_off(
    runtime: Runtime,
    market: Market,
    people: Callable[..., Someone],
    run_tasks: Callable[[], int],
    install: Callable[[], None],
    packages: Path,
) -> None:
    def later(**gone: int) -> int:
        """Let a worker run, then again after some time; return how often the module's timer has fired."""
        run_tasks()
        runtime.clock.move_by(timedelta(**gone))  # type: ignore[attr-defined]
        run_tasks()
        return heard(runtime).count("nudged")

    admin = people("administrator").browser
    market.order("delivered")
    install()
    admin.submit("/admin/modules/look", page="/admin/modules")
    switch(admin, "enable")
    assert later(minutes=2) == 0
    assert later(days=1) == 1, "the order was there before the timer"

    switch(admin, "disable")
    market.order("delivered")
    assert later(days=1) == 1
    switch(admin, "enable")
    assert later(minutes=2) == 2, "it was due while the module was off"
    assert later(days=1) == 2

    waits = market.order("delivered")
    assert later(minutes=2) == 2
    switch(admin, "disable")
    assert later(days=1) == 2
    with runtime.read() as session:
        kept = text("SELECT state, plugin FROM task WHERE key = :key")
        row = session.execute(kept, {"key": f"orders.timer:extras_nudge:{waits.id}"}).one()
    assert tuple(row) == ("waiting", "extras")
    switch(admin, "enable")
    assert later(minutes=2) == 3
