"""The zoo: each way of being broken leaves the site serving, and is told on the Modules page and on the command line."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from gigneo.core.config import load_config
from gigneo.core.db.models import ModuleState
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.lifecycle import enable
from gigneo.core.modules.states import ModuleCard, overview
from gigneo.core.modules.trust import seal
from gigneo.core.refusals import Refused
from gigneo.core.runtime import Runtime
from gigneo.testing.commands import gigneo
from gigneo.testing.fixtures import Browser, Someone
from tests.zoo.animals import ANIMALS, Animal
from tests.zoo.build import make_package, remove_package

LIMIT_SECONDS = 25
DEAD_LIMIT_SECONDS = 6
QUICK = {"exiting", "relating", "ahead", "circling", "needing"}
TRIED = [animal for animal in ANIMALS if animal.dies or animal.at == "enable" or animal.name in QUICK]
"""Those whose enabling is tried one by one; the others differ only in what the site's build says, which comes below."""


@pytest.fixture
def runtime(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """A Runtime with a short time for a preflight."""
    seconds = DEAD_LIMIT_SECONDS if "endless" in request.node.name else LIMIT_SECONDS
    environment = {
        "GIGNEO_HOME": str(tmp_path),
        "GIGNEO_DATABASE__URL": database,
        "GIGNEO_MODULES__PREFLIGHT_SECONDS": str(seconds),
        "GIGNEO_LOG__LEVEL": "error",
    }
    ground = Runtime(load_config(environ=environment))
    yield ground
    ground.close()


def card(runtime: Runtime, name: str) -> ModuleCard:
    return next(card for card in overview(runtime, runtime.site, refresh=True) if card.name == name)


def want(runtime: Runtime, names: list[str], *, sealed: bool) -> None:
    """Let modules be switched on in the database, as if they had been good once."""
    manifests = discover(refresh=True).manifests
    with runtime.write(toggling=True) as session:
        for name in names:
            mark = seal(manifests[name]) if sealed and name in manifests else ""
            row = ModuleState(name=name, wanted=True, fingerprint=mark, changed_at=datetime.now(timezone.utc))
            session.merge(row)
        session.execute(text("UPDATE site_state SET revision = revision + 1"))


@pytest.mark.parametrize("animal", TRIED, ids=lambda animal: animal.name)
def test_a_broken_module_is_refused_when_it_is_enabled(runtime: Runtime, packages: Path, animal: Animal) -> None:
    animal.release(packages)
    if animal.name == "circling":
        make_package(packages, "round", requires={"circling": ""})
    revision = runtime.site.revision
    with pytest.raises(Refused) as refused:
        enable(runtime, animal.name)
    assert animal.words in str(refused.value)
    assert runtime.rebuild().revision == revision and animal.name not in runtime.site.modules
    found = card(runtime, animal.name)
    assert not found.wanted
    if refused.value.code == "failed":
        assert found.state == "failed" and animal.words in f"{found.reason}\n{found.traceback}"


def test_the_site_starts_and_serves_with_the_whole_zoo_switched_on(
    runtime: Runtime, packages: Path, people: Callable[..., Someone], tmp_path: Path
) -> None:
    zoo = [animal for animal in ANIMALS if animal.at == "build" and animal.name != "endless"]
    for animal in zoo:
        animal.release(packages)
    make_package(packages, "round", requires={"circling": ""})
    make_package(packages, "leaning", requires={"importer": ""})
    make_package(packages, "good")
    want(runtime, [animal.name for animal in zoo if not animal.dies] + ["round", "leaning", "good", "vanished"], sealed=True)
    want(runtime, [animal.name for animal in zoo if animal.dies], sealed=False)
    admin = people("administrator")
    for page in ("/", "/login", "/healthz", "/admin", "/dashboard"):
        assert admin.browser.get(page, follow_redirects=True).status_code == 200, page
    modules = admin.browser.get("/admin/modules")
    assert modules.status_code == 200
    assert "good" in runtime.site.modules
    for animal in zoo:
        found = card(runtime, animal.name)
        assert found.state == "failed" and animal.words in found.reason, animal.name
        assert animal.name not in runtime.site.modules
        assert f'id="module-{animal.name}" data-state="failed"' in modules.text
        assert admin.browser.get(f"/admin/modules/{animal.name}").status_code == 200
    assert "It requires importer, which is left out" in card(runtime, "leaning").reason
    assert card(runtime, "vanished").state == "missing"
    listed = {
        one["name"]: one
        for one in json.loads(gigneo(tmp_path, "modules", "list", "--json", environment={"PYTHONPATH": str(packages)}).stdout)
    }
    for animal in zoo:
        assert listed[animal.name]["state"] == "failed" and animal.words in listed[animal.name]["reason"], animal.name
    assert listed["vanished"]["state"] == "missing" and listed["good"]["state"] == "enabled"


def test_a_module_that_is_repaired_comes_back_and_its_fault_is_forgotten(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "mended", plugin="import zoo_levels")
    want(runtime, ["mended"], sealed=True)
    runtime.rebuild()
    assert card(runtime, "mended").state == "failed"
    make_package(packages, "mended")
    assert enable(runtime, "mended").names == ("mended",)
    assert "mended" in runtime.rebuild().modules and card(runtime, "mended").state == "enabled"


def test_a_module_whose_files_turned_endless_does_not_hang_the_site(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "turning", plugin="while True: pass")
    want(runtime, ["turning"], sealed=False)
    assert "turning" not in runtime.rebuild().modules
    assert "did not finish within" in card(runtime, "turning").reason


def test_a_module_of_another_process_that_was_upgraded_is_tried_once_and_then_trusted(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "fresh")
    want(runtime, ["fresh"], sealed=False)
    assert "fresh" in runtime.rebuild().modules
    with runtime.read() as session:
        assert session.get_one(ModuleState, "fresh").fingerprint == seal(discover().manifests["fresh"])


def test_a_newer_package_is_noticed_and_the_old_code_goes_on(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "growing", version="1.0.0")
    want(runtime, ["growing"], sealed=True)
    runtime.rebuild()
    remove_package(packages, "growing")
    make_package(packages, "growing", version="2.0.0")
    want(runtime, ["growing"], sealed=False)
    assert "growing" in runtime.rebuild().modules
    found = card(runtime, "growing")
    assert found.state == "needs_restart" and (found.version, found.running) == ("2.0.0", "1.0.0")


def test_safe_mode_leaves_out_whatever_is_not_bundled(runtime: Runtime, packages: Path, database: str, tmp_path: Path) -> None:
    make_package(packages, "good")
    want(runtime, ["good"], sealed=True)
    assert "good" in runtime.rebuild().modules
    environment = {"GIGNEO_HOME": str(tmp_path), "GIGNEO_DATABASE__URL": database, "GIGNEO_SAFE_MODE": "1"}
    safe = Runtime(load_config(environ=environment))
    try:
        assert all(plugin.manifest.bundled for plugin in safe.site.plugins)
        assert Browser(Dispatcher(safe)).get("/login").status_code == 200
        found = card(safe, "good")
        assert found.wanted and "Safe mode" in found.reason
        with pytest.raises(Refused, match="Safe mode"):
            make_package(packages, "other")
            enable(safe, "other")
    finally:
        safe.close()
