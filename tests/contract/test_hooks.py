"""The vocabulary: each hook has a caller, an implementer among the bundled modules, and its page is made from the code."""

from pathlib import Path

import pytest

from gigneo.core.dispatch import Dispatcher
from gigneo.core.hookdocs import HookDescription, describe, markdown

PAGE = Path(__file__).parents[2] / "docs" / "hooks.md"


@pytest.fixture
def described(dispatcher: Dispatcher) -> list[HookDescription]:
    return describe(dispatcher.site)


def test_every_hook_says_what_it_is(described: list[HookDescription]) -> None:
    unclear = [hook.name for hook in described if len(hook.doc) < 20 or not hook.kind or not hook.since]
    assert not unclear


def test_the_tense_of_a_name_says_its_kind(described: list[HookDescription]) -> None:
    for hook in described:
        if hook.kind == "veto" and not hook.name.startswith("wallet_"):
            assert hook.name.startswith("allow_") or "_allow_" in hook.name, hook.name
        if hook.kind == "participant":
            assert hook.name.endswith("ing"), hook.name
        if hook.kind == "event":
            assert hook.name.endswith(("d", "withdrawn", "written")), hook.name


def test_every_hook_is_called_and_implemented_by_what_gigneo_ships(described: list[HookDescription]) -> None:
    idle = [hook.name for hook in described if not hook.callers or not hook.implementers]
    assert not idle


def test_the_page_of_hooks_is_that_of_the_code(described: list[HookDescription]) -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(described), "docs/hooks.md is stale: run make docs"


def test_an_order_is_free_of_the_modules_that_may_be_off() -> None:
    """Nothing in the kernel, in orders or in a template of theirs names a module that may be switched off."""
    root = Path(__file__).parents[2]
    optional = ("disputes", "jobs", "messages", "services", "reviews", "demo")
    places = [root / "gigneo" / "core", root / "gigneo" / "plugins" / "orders", root / "themes"]
    found = []
    for place in places:
        for path in [*place.rglob("*.py"), *place.rglob("*.html")]:
            text = path.read_text(encoding="utf-8")
            found += [
                f"{path.relative_to(root)}: {name}"
                for name in optional
                if any(sign in text for sign in (f"gigneo.plugins.{name}", f'"{name}.', f"'{name}.", f'"{name}/'))
            ]
    assert not found
