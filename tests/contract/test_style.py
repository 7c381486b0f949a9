"""The rules of the house that no linter knows: each is a sentence, and a walk over the tree that proves it."""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "gigneo" / "plugins"
LONGEST = 400
BANNED_EVERYWHERE = {"create_all"}
BANNED_IN_THE_PRODUCT = {"render_template_string"}
BANNED_NAMES = {"eval", "exec", "__import__"}
VOCABULARY = "gigneo/hooks.py"  # one place for all hooks, however many
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill"}
MAKES_MARKUP = {
    "gigneo/core/icons.py": "our own pictures",
    "gigneo/core/formats.py": "nothing, and what locale_formats.py gives",
    "gigneo/core/locale_formats.py": "the element time around an escaped text",
    "gigneo/core/slots.py": "what templates have rendered",
    "gigneo/core/text.py": "cleaned by nh3",
    "gigneo/plugins/demo/plugin.py": "fragments that templates have rendered",
}


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    found = (
        path
        for folder in folders or ("gigneo", "themes", "tests", "examples", "bench")
        for path in ROOT.glob(f"{folder}/**/*.py")
    )
    return tuple(sorted(path for path in found if path.resolve() != Path(__file__).resolve()))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def places(paths: tuple[Path, ...], wanted) -> list[str]:
    """Return ``file:line`` of every node that is wanted."""
    return [f"{path.relative_to(ROOT)}:{node.lineno}" for path in paths for node in ast.walk(tree_of(path)) if wanted(node)]


def name_called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def modules_imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if not re.fullmatch(r"gigneo\.plugins(\.\w+)?", node.module):  # there, what is imported from it is the module
                yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def plugin_folders() -> list[Path]:
    return sorted(path.parent for path in PLUGINS.glob("*/plugin.toml"))


def test_no_file_is_two_rooms() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in python_files() if (lines := len(path.read_text().splitlines())) > LONGEST
    }
    long.pop(VOCABULARY, None)
    assert not long, f"more than {LONGEST} lines"


def test_nothing_runs_text_as_code_and_no_schema_is_made_past_the_migrations() -> None:
    assert not places(python_files(), lambda node: name_called(node) in BANNED_EVERYWHERE)
    assert not places(python_files("gigneo", "themes"), lambda node: name_called(node) in BANNED_IN_THE_PRODUCT)
    assert not places(python_files(), lambda node: isinstance(node, ast.Name) and node.id in BANNED_NAMES)


def test_nothing_unpickles() -> None:
    guilty = [
        str(path) for path in python_files() if BANNED_MODULES & {name.split(".")[0] for name in modules_imported(tree_of(path))}
    ]
    assert not guilty


def test_money_never_meets_a_float() -> None:
    paths = python_files("gigneo/plugins/wallet", "gigneo/plugins/orders")
    assert not places(paths, lambda node: isinstance(node, ast.Name) and node.id == "float")
    assert not places(paths, lambda node: isinstance(node, ast.Constant) and isinstance(node.value, float))


def test_templates_mark_nothing_as_safe() -> None:
    templates = [
        path for folder in ("gigneo", "themes") for path in (ROOT / folder).rglob("*") if path.suffix in {".html", ".txt", ".svg"}
    ]
    assert templates
    guilty = [str(path) for path in templates if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))]
    assert not guilty


def test_markup_is_made_in_few_places() -> None:
    made = {
        place.rpartition(":")[0] for place in places(python_files("gigneo", "themes"), lambda node: name_called(node) == "Markup")
    }
    assert made <= set(MAKES_MARKUP), "escape with markupsafe.escape or a template, or argue for a new line in MAKES_MARKUP"


def test_tables_are_defined_without_postponed_annotations() -> None:
    for path in python_files("gigneo"):
        tree = tree_of(path)
        tables = any(
            keyword.arg == "table" for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for keyword in node.keywords
        )
        assert not (tables and "__future__.annotations" in set(modules_imported(tree))), f"{path}: relationships would break"


def test_nothing_is_left_for_later() -> None:
    mark = re.compile("TODO|FIXME|XXX")
    assert not [str(path) for path in python_files() if mark.search(path.read_text(encoding="utf-8"))]


def test_the_kernel_speaks_of_no_module_that_may_be_off() -> None:
    optional = {tomllib.loads((folder / "plugin.toml").read_text())["name"] for folder in plugin_folders()} - {"demo"}
    imports = {name for path in python_files("gigneo/core") for name in modules_imported(tree_of(path))}
    assert not [name for name in imports if name.startswith("gigneo.plugins")]
    named = places(
        python_files("gigneo/core"),
        lambda node: isinstance(node, ast.Constant) and node.value in optional - {"messages", "services"},
    )
    assert not named


@pytest.mark.parametrize("folder", plugin_folders(), ids=lambda folder: folder.name)
def test_a_plugin_uses_the_public_door_and_only_what_its_manifest_requires(folder: Path) -> None:
    requires = set(tomllib.loads((folder / "plugin.toml").read_text()).get("requires", {}))
    own = f"gigneo.plugins.{folder.name}"
    for path in python_files(f"gigneo/plugins/{folder.name}"):
        for name in modules_imported(tree_of(path)):
            if not name.startswith("gigneo") or name.startswith(own):
                continue
            if name.startswith("gigneo.plugins."):
                _, _, other, *rest = name.split(".")
                assert rest[:1] == ["api"], f"{path}: {name} is not {other}'s api"
                assert other in requires, f"{path}: {folder.name} uses {other}, which its manifest does not require"
            else:
                assert name.startswith(("gigneo.api", "gigneo.hooks", "gigneo.contributions")) or name == "gigneo.plugins", (
                    f"{path}: {name}"
                )


def test_every_test_is_run_by_somebody() -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg")
    covered = [*settings["tool:pytest"]["testpaths"].split(), "tests/soak"]
    for path in ROOT.glob("tests/**/test_*.py"):
        place = path.relative_to(ROOT).as_posix()
        assert any(place.startswith(f"{each}/") for each in covered), f"{place} is in no folder that make test or make soak runs"
