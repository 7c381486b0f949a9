"""What tests need not pay for again and again: costly password hashes, and the compiling of routes that were compiled before."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from gigneo.core.accounts.passwords import ARGON2

LEAST = {"argon2__memory_cost": 8, "argon2__time_cost": 1}
"""The least that argon2 takes, in KiB and passes."""
REAL = {name: ARGON2[name] for name in LEAST}


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords at the least cost in this process; servers in processes of their own hash as they do for people."""
    with pytest.MonkeyPatch.context() as patch:
        for name, cost in LEAST.items():
            patch.setitem(ARGON2, name, cost)
        yield


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashing cost on the sites of this test what it costs for people. Ask for it before a site is built."""
    for name, cost in REAL.items():
        monkeypatch.setitem(ARGON2, name, cost)


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Let routes of many sites share their compiled functions. Werkzeug compiles two for each: half the time of a site's build.

    The code depends on the route's parts, its defaults and its text alone; converters are looked up when it runs.
    """
    compiled: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = rule.rule, tuple(rule._trace), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield
