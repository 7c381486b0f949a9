"""Preflight: a module is tried in a process of its own, with a time limit, before the site takes it in.

It is imported, its hooks and mappers are checked, every template of it is compiled, a whole site is built with it, and
each of its pages without parameters is asked for as each kind of person. Whatever goes wrong there reaches no visitor.
"""

import dataclasses
import sys
import traceback
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, g, got_request_exception
from jinja2 import TemplateError, meta
from sqlmodel import col, select

from gigneo.core.faults import PluginFault, StartRefused
from gigneo.core.modules.loading import in_one_line
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.subprocesses import StepFailed, answer, read_request, run_step

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

ROLES = ("", "employer", "freelancer", "administrator")
TEMPLATE_SUFFIXES = frozenset({".html", ".txt", ".xml", ".svg"})


def preflight(runtime: "Runtime", name: str, wanted: Collection[str]) -> None:
    """Try a module in a process of its own.

    Args:
        runtime: the process's ground; its configuration says how long it may take.
        name: the module.
        wanted: the modules of the site that it is tried in, itself among them.

    Raises:
        PluginFault: it must not join the site, and why.
    """
    try:
        problem = run_step(
            runtime, __name__, [name], {"wanted": sorted({*wanted, name})}, runtime.config.modules.preflight_seconds
        )
    except StepFailed as failure:
        raise PluginFault(name, f"It failed its preflight. {failure.reason}", failure.output) from None
    if problem:
        raise PluginFault(name, problem["reason"], problem["traceback"])


def check(runtime: "Runtime", name: str, wanted: Collection[str]) -> PluginFault | None:
    """Try a module in this process; only for a process that does nothing else.

    Args:
        runtime: the process's ground.
        name: the module.
        wanted: the modules of the site that it is tried in.
    """
    from gigneo.core.site import build_site, read_plan

    with runtime.read() as session:
        plan = dataclasses.replace(read_plan(session), wanted=frozenset(wanted))
    try:
        site = build_site(runtime, plan)
    except StartRefused as refusal:
        return PluginFault(name, str(refusal))
    if name in site.faults:
        return site.faults[name]
    manifest = next((plugin.manifest for plugin in site.plugins if plugin.manifest.name == name), None)
    if manifest is None:
        return PluginFault(name, "It could not be built into a site.")
    problems = [*_template_problems(site, manifest), *_page_problems(site, name)]
    return PluginFault(name, " ".join(reason for reason, _ in problems), problems[0][1]) if problems else None


def _template_problems(site: "Site", manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Compile every template of a module, and look for those that it refers to."""
    environment = site.app.jinja_env
    folder = manifest.path / "templates"
    for path in sorted(folder.rglob("*")):
        if path.suffix not in TEMPLATE_SUFFIXES or not path.is_file():
            continue
        place = path.relative_to(folder).as_posix()
        try:
            source = path.read_text(encoding="utf-8")
            environment.compile(source, place, str(path))
            for other in meta.find_referenced_templates(environment.parse(source, place)):
                if other is not None:
                    environment.get_or_select_template(other)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            yield f"Template {place}{f', line {line}' if line else ''}: {in_one_line(error)}.", traceback.format_exc()
        except (OSError, UnicodeDecodeError) as error:
            yield f"Template {place} can't be read: {in_one_line(error)}.", ""
    for hook, items in site.contributions.by_plugin.get(manifest.name, {}).items():
        for template in {getattr(item, "template", None) for item in items} - {None}:
            try:
                environment.get_template(str(template))
            except TemplateError as error:
                yield f"{hook}() names the template {template}: {in_one_line(error)}.", traceback.format_exc()


def _page_problems(site: "Site", name: str) -> Iterator[tuple[str, str]]:
    """Ask for each page without parameters, as nobody and as each kind of person; an answer of 500 or more is a problem."""
    app = site.app
    raised: list[BaseException] = []

    def remember(_app: Flask, exception: BaseException, **_more: Any) -> None:
        raised.append(exception)

    got_request_exception.connect(remember, app)
    persons = {role: _person(site, role) for role in ROLES}
    present = {"role": ""}
    app.before_request_funcs.setdefault(None, []).insert(1, lambda: setattr(g, "person", persons[present["role"]]))
    client = app.test_client(use_cookies=False)
    for rule in app.url_map.iter_rules():
        if not _owned(rule.endpoint, name) or "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        for role in ROLES:
            present["role"] = role
            raised.clear()
            status = client.get(rule.rule, base_url=site.runtime.config.site.base_url or None).status_code
            if status >= 500:
                reason = f" ({in_one_line(raised[-1])})" if raised else ""
                lines = "".join(traceback.format_exception(raised[-1])) if raised else ""
                yield f"Its page {rule.rule} answered {status} for {role or 'a visitor'}{reason}.", lines
                break


def _owned(endpoint: str, name: str) -> bool:
    blueprint = endpoint.partition(".")[0]
    return blueprint == name or blueprint.startswith(f"{name}_")


def _person(site: "Site", role: str) -> Any:
    """Make somebody of a role, with the rights that the role gives; a real account where there is one."""
    from gigneo.core.accounts.people import Person
    from gigneo.core.rights import KERNEL_PERMISSIONS

    if not role:
        return None
    now = site.runtime.clock.now()
    rights = [right.name for right in (*KERNEL_PERMISSIONS, *site.contributions.permissions) if role in right.roles]
    return Person(
        id=_somebody(site, role),
        name=role.title(),
        email=f"{role}@preflight.example",
        roles=frozenset({role}),
        permissions=frozenset(rights),
        locale=None,
        time_zone=None,
        session_id=0,
        authenticated_at=now,
        last_seen_at=now,
    )


def _somebody(site: "Site", role: str) -> int:
    from gigneo.core.accounts.models import Role, UserRole

    statement = select(UserRole.user_id).join(Role, col(Role.id) == col(UserRole.role_id)).where(Role.name == role)
    with site.runtime.read() as session:
        return int(session.exec(statement.limit(1)).first() or 0)


def main() -> None:
    """Try the module that the command line names, and answer with what is wrong with it, or nothing."""
    from gigneo.core.runtime import Runtime

    config, request = read_request()
    try:
        fault = check(Runtime(config), sys.argv[1], request["wanted"])
    except BaseException as error:
        fault = PluginFault(sys.argv[1], in_one_line(error), traceback.format_exc())
    answer({"reason": fault.reason, "traceback": fault.traceback} if fault else None)


if __name__ == "__main__":
    main()
