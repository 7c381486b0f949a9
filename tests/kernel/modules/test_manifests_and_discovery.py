"""Manifests and discovery: nothing is imported, and everything wrong is said at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from gigneo.core.modules.discovery import discover
from gigneo.core.modules.manifest import BadManifest, Manifest, read_manifest
from tests.zoo.build import make_package, remove_package


def read(folder: Path, name: str = "tips") -> Manifest:
    return read_manifest(folder, name=name, package=f"zoo_{name}", distribution="zoo")


def problems_of(packages: Path, **wrong: object) -> str:
    with pytest.raises(BadManifest) as caught:
        read(make_package(packages, "tips", **wrong))  # type: ignore[arg-type]
    return "\n".join(caught.value.problems)


def test_a_manifest_is_read_with_its_requirements_and_commands(packages: Path) -> None:
    command = {"name": "tips list", "help": "List tips.", "target": "zoo_tips.cli:show"}
    manifest = read(make_package(packages, "tips", requires={"orders": ">=0.1"}, commands=[command], enabled_by_default=True))
    assert (manifest.title, manifest.requires, manifest.commands[0].name) == ("Tips", {"orders": ">=0.1"}, "tips list")
    assert not manifest.essential and not manifest.bundled


def test_unknown_keys_are_told_with_suggestions(packages: Path) -> None:
    said = problems_of(packages, esential=True, summry="x")
    assert "'esential'; did you mean 'essential'?" in said and "did you mean 'summary'?" in said


def test_every_wrong_kind_is_told_at_once(packages: Path) -> None:
    said = problems_of(packages, version=1, essential="yes", requires={"orders": 1}, commands=[{"name": "tips"}], title=None)
    for part in (
        "lacks 'title'",
        "'version' must be a text",
        "'essential' must be true or false",
        "'orders' must be a",
        "[[comm",
    ):
        assert part in said


def test_every_wrong_value_is_told_at_once(packages: Path) -> None:
    command = {"name": "run tips", "help": "", "target": "nothing"}
    said = problems_of(packages, version="new", gigneo="~0", requires={"tips": "one"}, commands=[command])
    for part in (
        "'new' is not a version",
        "gigneo = '~0'",
        "[requires] tips",
        "require or want itself",
        "kernel's own 'run'",
        "target",
    ):
        assert part in said


@pytest.mark.parametrize("name", ["account", "settings", "tasks", "admin", "gigneo"])
def test_the_kernels_own_names_are_refused(packages: Path, name: str) -> None:
    with pytest.raises(BadManifest, match="the kernel's own"):
        read(make_package(packages, name), name)


@pytest.mark.parametrize("name", ["Tips", "t", "my_tips", "1tips", "tips-x"])
def test_a_name_that_can_be_no_table_prefix_is_refused(packages: Path, name: str) -> None:
    with pytest.raises(BadManifest, match="small letters"):
        read(make_package(packages, name, package="zoo_x"), name)


def test_discovery_imports_nothing(packages: Path) -> None:
    make_package(packages, "tips", plugin="raise SystemExit('imported')", files={"__init__.py": "raise SystemExit('imported')"})
    make_package(packages, "deep", package="acme.market.deep", files={"../__init__.py": "raise SystemExit('imported')"})
    found = discover(refresh=True)
    assert {"tips", "deep"} <= set(found.manifests)
    assert not any(name.startswith(("zoo_tips", "acme")) for name in sys.modules)


def test_discovery_needs_neither_flask_nor_sqlmodel() -> None:
    script = "import gigneo.core.modules.discovery as d, gigneo.core.modules.graph, sys; d.discover();"
    script += "sys.exit(any(name in sys.modules for name in ('flask', 'sqlmodel', 'sqlalchemy', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_package_installed_and_removed_while_the_process_runs_is_noticed(packages: Path) -> None:
    assert "tips" not in discover(refresh=True).manifests
    make_package(packages, "tips")
    assert "tips" not in discover().manifests
    assert "tips" in discover(refresh=True).manifests
    remove_package(packages, "tips")
    assert "tips" not in discover(refresh=True).manifests


def test_a_broken_manifest_is_a_fault_with_its_reason(packages: Path) -> None:
    make_package(packages, "tips", title=None)
    make_package(packages, "bare")
    packages.joinpath("zoo_bare", "plugin.toml").unlink()
    make_package(packages, "other", entry_point="another")
    faults = discover(refresh=True).faults
    assert "lacks 'title'" in faults["tips"] and "no plugin.toml" in faults["bare"] and "entry point" in faults["another"]


def test_one_name_from_two_packages_is_a_fault_that_names_both(packages: Path) -> None:
    make_package(packages, "tips", distribution="one-tips", package="zoo_one")
    make_package(packages, "tips", distribution="two-tips", package="zoo_two")
    found = discover(refresh=True)
    assert "tips" not in found.manifests and "one-tips, two-tips" in found.faults["tips"]
