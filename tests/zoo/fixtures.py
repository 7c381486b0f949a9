"""Fixtures for tests that install module packages on the fly."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder on ``sys.path`` for module packages; whatever was imported from it is forgotten after the test."""
    from gigneo.core.modules import loading
    from gigneo.core.modules.discovery import discover

    where = tmp_path / "packages"
    where.mkdir()
    monkeypatch.syspath_prepend(str(where))
    before, known = set(sys.modules), set(loading._loaded)
    yield where
    for name in set(loading._loaded) - known:
        if not loading._loaded[name].manifest.bundled:
            loading.forget(name)
    for name in set(sys.modules) - before:
        if name.startswith(("zoo_", "acme")):
            del sys.modules[name]
    monkeypatch.undo()
    discover(refresh=True)
