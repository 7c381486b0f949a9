"""The outside package, built as a wheel once, and installed by pip into a folder of the import path while the site runs."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.orders.conftest import dispatcher, market
from tests.zoo.fixtures import packages

__all__ = ["dispatcher", "install", "market", "packages", "wheel"]

SOURCE = Path(__file__).parent / "acme-extras"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as its author ships it."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(SOURCE, folder / "source")
    _pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source"))
    return next(folder.glob("acme_extras-*.whl"))


@pytest.fixture
def install(wheel: Path, packages: Path) -> Callable[[], None]:
    """Install the package, now."""
    return lambda: _pip("install", "--no-index", "--no-deps", "--target", str(packages), str(wheel))


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
