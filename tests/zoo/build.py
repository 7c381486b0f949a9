"""Writes a module package with its distribution metadata into a folder, just as pip would leave it there."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

GOOD = """
from gigneo.api import hookimpl


class Plugin:
    pass


plugin = Plugin()
"""


def make_package(
    where: Path,
    name: str,
    *,
    files: Mapping[str, str] | None = None,
    plugin: str | None = GOOD,
    distribution: str | None = None,
    package: str | None = None,
    entry_point: str | None = None,
    **manifest: Any,
) -> Path:
    """Install a module into a folder of the import path.

    Args:
        where: the folder, which stands on ``sys.path`` or in ``PYTHONPATH``.
        name: the module's name.
        files: further files, by path inside the package.
        plugin: the source of ``plugin.py``; ``None`` for none.
        distribution: the distribution's name; ``zoo-<name>`` by default.
        package: the dotted package; ``zoo_<name>`` by default.
        entry_point: the entry point's name; the module's name by default.
        manifest: what differs in ``plugin.toml``; ``None`` removes a key.

    Returns:
        The package's folder.
    """
    distribution = distribution or f"zoo-{name}"
    package = package or f"zoo_{name}"
    folder = where.joinpath(*package.split("."))
    data = {"name": name, "title": name.title(), "version": "1.0.0", "author": "zoo", "gigneo": ">=0.1,<1"} | manifest
    texts = {"__init__.py": "", "plugin.toml": tomli_w.dumps({key: value for key, value in data.items() if value is not None})}
    if plugin is not None:
        texts["plugin.py"] = plugin
    for path, text in (texts | dict(files or {})).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    info = where / f"{distribution.replace('-', '_')}-{data['version'] or '0'}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {data['version'] or '0'}\n")
    info.joinpath("INSTALLER").write_text("zoo\n")
    info.joinpath("entry_points.txt").write_text(f"[gigneo.plugins]\n{entry_point or name} = {package}\n")
    return folder


def remove_package(where: Path, name: str) -> None:
    """Take a module away again, as ``pip uninstall`` would."""
    shutil.rmtree(where / f"zoo_{name}", ignore_errors=True)
    for info in where.glob(f"zoo_{name}-*.dist-info"):
        shutil.rmtree(info)
