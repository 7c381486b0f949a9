"""Discovery: which modules are installed, by the entry-point group ``gigneo.plugins``, without importing any of them."""

import importlib
import importlib.util
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from gigneo.core.modules.manifest import BUNDLED_DISTRIBUTION, FILE_NAME, BadManifest, Manifest, read_manifest

GROUP: Final = "gigneo.plugins"


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is installed.

    Attributes:
        manifests: by name, in the order of the names.
        faults: what claims to be a module and is none, name → reason.
    """

    manifests: Mapping[str, Manifest]
    faults: Mapping[str, str]


_lock = threading.Lock()
_found: Discovery | None = None


def discover(refresh: bool = False) -> Discovery:
    """Return the installed modules.

    Args:
        refresh: look again, so that what pip installed or removed since is noticed.
    """
    global _found
    with _lock:
        if _found is None or refresh:
            importlib.invalidate_caches()
            _found = _look()
        return _found


def _look() -> Discovery:
    offers: dict[str, list[EntryPoint]] = defaultdict(list)
    for point in entry_points(group=GROUP):
        offers[point.name].append(point)
    manifests: dict[str, Manifest] = {}
    faults: dict[str, str] = {}
    for name in sorted(offers):
        points = offers[name]
        own = [point for point in points if _distribution(point) == BUNDLED_DISTRIBUTION]
        if len(points) > 1:
            sources = ", ".join(sorted(_distribution(point) for point in points))
            faults[f"{name} (twice)" if own else name] = f"More than one package offers a module {name!r}: {sources}."
            if not own:
                continue
        try:
            manifests[name] = _read((own or points)[0])
        except BadManifest as error:
            faults[name] = str(error)
    return Discovery(manifests, faults)


def _read(point: EntryPoint) -> Manifest:
    folder = _folder(point.value)
    if folder is None:
        raise BadManifest(
            [f"{_distribution(point)} names the package {point.value}, but no {FILE_NAME} is found there."]
            + ["If it was installed in editable mode while the site runs, restart the site."]
        )
    return read_manifest(folder, name=point.name, package=point.value, distribution=_distribution(point))


def _folder(package: str) -> Path | None:
    """Find a package's folder; ``find_spec`` of the dotted name would import its parents, so only the first part is asked for."""
    top, *rest = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place, *rest)
        if (folder / FILE_NAME).is_file():
            return folder
    return None


def _distribution(point: EntryPoint) -> str:
    return canonicalize_name(point.dist.name) if point.dist else "unknown"
