"""Gigneo → Modules: shown to whoever may, switched by POST with a fresh log-in, and told in words."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.modules.discovery import discover
from gigneo.core.modules.lifecycle import enable
from gigneo.core.runtime import Runtime
from gigneo.testing.fixtures import PASSWORD, Browser, Someone
from tests.zoo.build import make_package

ROUTES = """
from flask import Blueprint
from gigneo.api import hookimpl, public
bp = Blueprint("tips", __name__)
@bp.get("/tips")
@public
def tips(): return "tips"
class Plugin:
    @hookimpl
    def routes(self): return [bp]
plugin = Plugin()
"""


@pytest.fixture
def admin(people: Callable[..., Someone]) -> Browser:
    return people("administrator").browser


def test_a_module_is_switched_on_and_off_in_the_page_and_all_at_once(
    runtime: Runtime, admin: Browser, anonymous: Browser, packages: Path
) -> None:
    assert "tips" not in admin.get("/admin/modules").text
    make_package(packages, "jar")
    make_package(packages, "tips", plugin=ROUTES, requires={"jar": ">=1"})
    looked = admin.submit("/admin/modules/look", page="/admin/modules", follow_redirects=True)
    assert "Found: Jar, Tips." in looked.text and 'id="module-tips" data-state="disabled"' in looked.text
    assert anonymous.get("/tips").status_code == 404
    asked = admin.get("/admin/modules/tips/enable")
    assert "Enabled along with it: Jar." in asked.text
    done = admin.submit("/admin/modules/tips/enable", follow_redirects=True)
    assert "Jar, Tips are enabled." in done.text and 'id="module-tips" data-state="enabled"' in done.text
    assert "Needed by Tips" in done.text
    assert anonymous.get("/tips").text == "tips"
    refused = admin.submit("/admin/modules/jar/disable", page="/admin/modules/jar/disable")
    assert refused.status_code == 409 and "needed by Tips" in refused.text
    done = admin.submit("/admin/modules/tips/disable", page="/admin/modules/tips/disable", follow_redirects=True)
    assert "Tips is disabled. Its data is kept." in done.text
    assert anonymous.get("/tips").status_code == 404
    assert 'id="module-tips"' not in admin.get("/admin/modules?show=enabled").text
    assert 'id="module-tips"' in admin.get("/admin/modules?show=disabled").text
    assert admin.get("/admin/modules?show=other").status_code == 404


def test_a_fault_is_shown_with_its_traceback_and_can_be_tried_again(runtime: Runtime, admin: Browser, packages: Path) -> None:
    make_package(packages, "tips", plugin="import zoo_levels")
    discover(refresh=True)
    refused = admin.submit("/admin/modules/tips/enable", page="/admin/modules/tips/enable")
    assert refused.status_code == 409 and "No module named &#39;zoo_levels&#39;" in refused.text
    page = admin.get("/admin/modules?show=attention")
    assert 'data-state="failed"' in page.text and "Show the fault" in page.text
    details = admin.get("/admin/modules/tips")
    assert "Traceback" in details.text and "zoo_tips/plugin.py" in details.text and "Try again" in details.text


def test_what_a_module_says_of_itself_can_not_write_into_the_page(runtime: Runtime, admin: Browser, packages: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    make_package(packages, "tips", title=evil, summary=evil, author=evil, plugin=f"raise ValueError({evil!r})")
    discover(refresh=True)
    pages = [admin.submit("/admin/modules/look", page="/admin/modules", follow_redirects=True).text]
    pages += [admin.submit("/admin/modules/tips/enable", page="/admin/modules/tips/enable").text]
    pages += [admin.get(path).text for path in ("/admin/modules", "/admin/modules/tips", "/admin/modules/tips/enable")]
    assert all(evil not in page and "&lt;img src=x" in page for page in pages)


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_nobody_else_can_switch_modules(
    runtime: Runtime,
    people: Callable[..., Someone],
    anonymous: Browser,
    packages: Path,
    fingerprint: Callable[[], dict[str, Any]],
    verb: str,
) -> None:
    make_package(packages, "tips")
    discover(refresh=True)
    others = [anonymous, people("employer").browser, people("freelancer").browser]
    before = fingerprint()["module_state"], fingerprint()["site_state"]
    for other in others:
        for path in ("/admin/modules", "/admin/modules/tips", f"/admin/modules/tips/{verb}"):
            assert other.get(path).status_code in {303, 403, 404}, path
        assert other.submit(f"/admin/modules/tips/{verb}", page="/login").status_code in {303, 400, 403}
        assert other.submit("/admin/modules/look", page="/login").status_code in {303, 400, 403}
    assert (fingerprint()["module_state"], fingerprint()["site_state"]) == before


def test_switching_asks_for_the_password_again_when_the_log_in_is_old(runtime: Runtime, admin: Browser, packages: Path) -> None:
    make_package(packages, "tips")
    discover(refresh=True)
    admin.get("/admin/modules/tips/enable")
    revision = runtime.site.revision
    runtime.clock.move_by(timedelta(minutes=11))  # type: ignore[attr-defined]
    answer = admin.submit("/admin/modules/tips/enable")
    assert answer.status_code == 403 and 'name="fresh_password"' in answer.text
    assert runtime.rebuild().revision == revision
    answer = admin.submit("/admin/modules/tips/enable", {"fresh_password": PASSWORD})
    assert answer.status_code == 303 and runtime.rebuild().revision == revision + 1


def test_the_page_says_what_waits_for_a_module_that_was_switched_off(runtime: Runtime, admin: Browser, packages: Path) -> None:
    make_package(packages, "tips")
    enable(runtime, "tips")
    with runtime.write() as session:
        values = "('k', 'tips.give', '{}', '2999-01-01 00:00:00', 0, 'waiting', 'tips', '2026-01-01 00:00:00')"
        session.execute(
            text(f"INSERT INTO task (key, kind, payload, due_at, attempts, state, plugin, created_at) VALUES {values}")
        )
    done = admin.submit("/admin/modules/tips/disable", page="/admin/modules/tips/disable", follow_redirects=True)
    assert "Tips is disabled. Its data is kept. 1 task waits for it." in done.text
