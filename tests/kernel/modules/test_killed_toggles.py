"""Switching that is killed half way: the module is as it was, nothing of its start is kept, and the next try works."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from gigneo.core import crash
from gigneo.core.config import Config
from gigneo.core.db.models import ModuleState
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.modules.states import overview
from gigneo.core.modules.trust import seal
from gigneo.core.runtime import Runtime
from tests.kernel.modules.test_lifecycle import MIGRATION, PLUGIN
from tests.zoo.build import make_package

KILLED = 137


def killed(config: Config, verb: str, point: str) -> int:
    """Switch the module in a process of its own that ends at a point, and return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            crash._wanted, crash._nth = point, "1"
            (enable if verb == "enable" else disable)(Runtime(config), "tips")
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def rows(runtime: Runtime) -> tuple[object, ...]:
    queries = (
        "SELECT revision FROM site_state",
        "SELECT count(*) FROM module_state WHERE name = 'tips' AND wanted",
        "SELECT count(*) FROM audit_entry WHERE subject = 'tips'",
    )
    with runtime.read() as session:
        return tuple(session.execute(text(query)).scalar() for query in queries)


@pytest.fixture
def tips(runtime: Runtime, packages: Path) -> None:
    """A module that passed its preflight already, so that only the switching itself takes time."""
    make_package(packages, "tips", plugin=PLUGIN, files={"migrations/0001_first.py": MIGRATION})
    manifest = discover(refresh=True).manifests["tips"]
    with runtime.write() as session:
        session.add(ModuleState(name="tips", fingerprint=seal(manifest), changed_at=runtime.clock.now()))


@pytest.mark.usefixtures("tips")
def test_enabling_that_is_killed_leaves_the_module_off_and_can_be_repeated(runtime: Runtime) -> None:
    before = rows(runtime)
    for point in ("after-migrate", "after-preflight", "after-on-enable", "before-revision", "before-commit"):
        assert killed(runtime.config, "enable", point) == KILLED, point
        assert rows(runtime) == before, point
        with runtime.read() as session:
            assert session.execute(text("SELECT count(*) FROM tips_tip")).scalar() == 0, point
    enable(runtime, "tips")
    found = next(card for card in overview(runtime, refresh=True) if card.name == "tips")
    assert found.state == "enabled" and rows(runtime)[1:] == (1, 1)


@pytest.mark.usefixtures("tips")
def test_disabling_that_is_killed_leaves_the_module_on_and_can_be_repeated(runtime: Runtime) -> None:
    enable(runtime, "tips")
    before = rows(runtime)
    for point in ("before-revision", "before-commit"):
        assert killed(runtime.config, "disable", point) == KILLED, point
        assert rows(runtime) == before, point
    assert "tips" in runtime.rebuild().modules
    assert disable(runtime, "tips").names == ("tips",)
