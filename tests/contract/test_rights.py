"""The rights matrix: every route of the built site × every kind of person × things that are not theirs.

It walks the site's own routes, so that a new plugin is covered without a new test. A route whose address has a part
that this file can't fill fails the test, until a sample is given.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule

from gigneo.api import find_person, write
from gigneo.core.access import Access
from gigneo.core.accounts.admin import create_user, grant
from gigneo.core.dispatch import Dispatcher
from gigneo.core.guard import declared_access
from gigneo.core.rights import KERNEL_PERMISSIONS
from gigneo.core.runtime import Runtime
from gigneo.plugins.jobs import api as jobs
from gigneo.testing.fixtures import PASSWORD, Browser

SAFE = {"GET"}

FOREIGN = {
    "number": "SELECT number FROM orders_order WHERE state = 'delivered' ORDER BY id LIMIT 1",
    "file_id": "SELECT id FROM file_stored ORDER BY id LIMIT 1",
    "slug": "SELECT slug FROM services_service ORDER BY id LIMIT 1",
    "package_id": "SELECT id FROM services_package ORDER BY id LIMIT 1",
    "delivery_id": "SELECT id FROM orders_delivery ORDER BY id LIMIT 1",
    "hold_id": "SELECT coalesce(max(id), 1) FROM orders_hold",
    "dispute_id": "SELECT coalesce(max(id), 1) FROM disputes_dispute",
    "review_id": "SELECT coalesce(max(id), 1) FROM reviews_review",
    "person_id": "SELECT freelancer_id FROM orders_record ORDER BY 1 LIMIT 1",
    "order_id": "SELECT id FROM orders_order ORDER BY id LIMIT 1",
    "job_number": "SELECT number FROM jobs_job WHERE title = 'Of others'",
    "proposal_id": "SELECT id FROM jobs_proposal WHERE cover = 'Of others'",
}
"""How the parts of addresses are filled with things of others, by the names of the parts."""

ALSO_MAY = {("files.download", "administrator")}
"""Who is no party and may all the same: whoever manages orders reads their files."""

FIXED = {
    "tab": "overview",
    "kind": "services",
    "module": "wallet",
    "name": "disputes",
    "token": "forged",
    "path": "none.css",
    "filename": "none.css",
    "what": "disable",
    "action": "approve",
    "decision": "complete",
    "page": "1",
}


@pytest.fixture(scope="module")
def world(demo_site: Dispatcher) -> dict[str, Any]:
    """The demo marketplace with a stranger of each kind, and the foreign things that addresses name."""
    runtime = demo_site._runtime
    for role in ("employer", "freelancer", "administrator"):
        create_user(runtime, f"other-{role}@people.example", f"Other {role}", PASSWORD, (role,))
    create_user(runtime, "powerless@people.example", "Powerless", PASSWORD, ("administrator",))
    for right in (*KERNEL_PERMISSIONS, *demo_site.site.contributions.permissions):
        grant(runtime, "powerless@people.example", right.name, allowed=False)
    _post_a_job(demo_site)
    with runtime.read() as session:
        samples = {name: session.execute(text(query)).scalar() for name, query in FOREIGN.items()}
    people: dict[str, Browser] = {"anonymous": Browser(demo_site)}
    for who in ("employer", "freelancer", "administrator"):
        people[who] = Browser(demo_site).log_in(f"other-{who}@people.example")
    people["powerless"] = Browser(demo_site).log_in("powerless@people.example")
    return {"people": people, "samples": {**FIXED, **samples}, "runtime": runtime, "site": demo_site.site}


def _post_a_job(demo_site: Dispatcher) -> None:
    """Post an open job with a proposal, whatever jobs the demo has: only that has every page."""
    with demo_site.site.app.app_context(), write() as session:
        employer, freelancer = (find_person(session, f"{role}@demo.example") for role in ("employer", "freelancer"))
        assert employer is not None and freelancer is not None
        number = jobs.post_job(session, employer.id, title="Of others", description="Of others")
        jobs.propose(session, number, freelancer.id, price_minor=100, days=1, revisions=None, cover="Of others")


def routes(site: Any) -> Iterator[tuple[Rule, str, Access]]:
    for rule in site.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, declared_access(rule.endpoint, site.app.view_functions[rule.endpoint])  # type: ignore[misc]


def address(site: Any, rule: Rule, samples: dict[str, Any]) -> str:
    missing = {part for part in rule.arguments if part not in samples}
    assert not missing, f"{rule.rule}: give a sample of {sorted(missing)} in FOREIGN or FIXED"
    values = {part: samples[part] for part in rule.arguments}
    return str(site.app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False))


def test_every_route_declares_who_may_call_it(demo_site: Dispatcher) -> None:
    undeclared = [rule.rule for rule, _, access in routes(demo_site.site) if access is None]
    assert not undeclared


def test_every_route_refuses_who_may_not_and_changes_nothing(world: dict[str, Any], tables: Callable[[Runtime], Any]) -> None:
    site, failures = world["site"], []
    before = tables(world["runtime"])
    checked = 0
    for rule, method, access in routes(site):
        if access.kind == "public":
            continue
        url = address(site, rule, world["samples"])
        for who, browser in world["people"].items():
            expected = None if (rule.endpoint, who) in ALSO_MAY else _refusal(access, who)
            if expected is None:
                continue
            browser.get("/")
            answer = browser.open(url, method=method, data=dict(browser.fields) if method != "GET" else None)
            checked += 1
            if answer.status_code != expected or (expected == 303 and "/login" not in answer.headers["Location"]):
                failures.append(f"{method} {rule.rule} as {who}: {answer.status_code}, not {expected}")
    assert checked > 60
    assert not failures, "\n".join(failures)
    assert tables(world["runtime"]) == before


def _refusal(access: Access, who: str) -> int | None:
    """The status that somebody without the right gets, or ``None`` for those who have it."""
    if who == "anonymous":
        return 303
    if access.kind == "party":
        return 404
    if access.kind == "permission" and who != "administrator":
        return 403
    return None


def test_no_get_changes_a_row(world: dict[str, Any], tables: Callable[[Runtime], Any]) -> None:
    site = world["site"]
    insider = Browser(world["people"]["anonymous"].application).log_in("employer@demo.example", "demo-demo-demo")
    chief = Browser(world["people"]["anonymous"].application).log_in("admin@demo.example", "demo-demo-demo")
    before = tables(world["runtime"])
    for rule, method, _ in routes(site):
        if method in SAFE and rule.endpoint not in {"security.logout"}:
            for browser in (insider, chief):
                answer = browser.get(address(site, rule, world["samples"]))
                assert answer.status_code < 500, f"{rule.rule}: {answer.status_code}\n{answer.text[:500]}"
    assert tables(world["runtime"]) == before


def test_every_form_needs_a_token(world: dict[str, Any], tables: Callable[[Runtime], Any]) -> None:
    site = world["site"]
    insider = Browser(world["people"]["anonymous"].application).log_in("employer@demo.example", "demo-demo-demo")
    chief = Browser(world["people"]["anonymous"].application).log_in("admin@demo.example", "demo-demo-demo")
    before = tables(world["runtime"])
    for rule, method, _access in routes(site):
        if method in SAFE:
            continue
        for browser in (insider, chief):
            answer = browser.open(address(site, rule, world["samples"]), method=method, data={})
            assert answer.status_code in {400, 403, 404, 405}, f"{method} {rule.rule}: {answer.status_code}"
    assert tables(world["runtime"]) == before


def test_every_answer_carries_the_security_headers(world: dict[str, Any]) -> None:
    anonymous = world["people"]["anonymous"]
    for path in ("/", "/nothing-here", "/login", "/healthz", "/static/theme/theme.css", "/dashboard", "/orders/1/overview"):
        headers = anonymous.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "unsafe" not in headers["Content-Security-Policy"], path


FOREIGN_SIGNS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://["},
)
OUR_SIGNS = (
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {},
)


def test_no_form_is_taken_that_another_site_had_the_browser_send(world: dict[str, Any], tables: Callable[[Runtime], Any]) -> None:
    site, browsers = world["site"], list(world["people"].values())
    browsers.append(Browser(browsers[0].application).log_in("admin@demo.example", "demo-demo-demo"))
    before, checked = tables(world["runtime"]), 0
    for rule, method, _access in routes(site):
        if method in SAFE:
            continue
        for browser in browsers:
            browser.get("/login")
            for signs in FOREIGN_SIGNS:
                answer = browser.open(
                    address(site, rule, world["samples"]), method=method, data=dict(browser.fields), headers=signs
                )
                assert answer.status_code == 403 and "another site" in answer.text, f"{method} {rule.rule} {signs}"
                checked += 1
    assert checked > 500
    assert tables(world["runtime"]) == before
    for signs in OUR_SIGNS:
        browser = Browser(browsers[0].application)
        browser.get("/login")
        answer = browser.submit("/login", {"email": "employer@demo.example", "password": "demo-demo-demo"}, headers=signs)
        assert answer.status_code in (302, 303), signs
