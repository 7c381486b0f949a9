"""A folder on the import path that takes module packages, forgotten after each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder on ``sys.path`` for module packages."""
    from gigneo.core.modules import loading
    from gigneo.core.modules.discovery import discover

    where = tmp_path / "packages"
    where.mkdir()
    monkeypatch.syspath_prepend(str(where))
    before, known = set(sys.modules), set(loading._loaded)
    yield where
    for name in set(loading._loaded) - known:
        loading.forget(name)
    for name in set(sys.modules) - before:
        if name.startswith(("zoo_", "acme")):
            del sys.modules[name]
    monkeypatch.undo()
    discover(refresh=True)
