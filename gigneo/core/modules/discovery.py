"""Discovery: which modules are installed, by the entry-point group ``gigneo.plugins``, without importing any of them."""

import importlib
import importlib.util
import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

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
    offers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    sources: dict[int, str] = {}  # a distribution's name is parsed out of its metadata, so it is asked for once
    for point in entry_points(group=GROUP):
        source = sources.get(id(point.dist)) or _normal(point.dist.name if point.dist else "unknown")
        sources[id(point.dist)] = source
        offers[point.name].append((source, point.value))
    manifests: dict[str, Manifest] = {}
    faults: dict[str, str] = {}
    for name in sorted(offers):
        own = [offer for offer in offers[name] if offer[0] == BUNDLED_DISTRIBUTION]
        if len(offers[name]) > 1:
            listed = ", ".join(sorted(source for source, _ in offers[name]))
            faults[f"{name} (twice)" if own else name] = f"More than one package offers a module {name!r}: {listed}."
            if not own:
                continue
        source, package = (own or offers[name])[0]
        try:
            manifests[name] = _read(name, package, source)
        except BadManifest as error:
            faults[name] = str(error)
    return Discovery(manifests, faults)


def _read(name: str, package: str, distribution: str) -> Manifest:
    folder = _folder(package)
    if folder is None:
        raise BadManifest(
            [f"{distribution} names the package {package}, but no {FILE_NAME} is found there."]
            + ["If it was installed in editable mode while the site runs, restart the site."]
        )
    return read_manifest(folder, name=name, package=package, distribution=distribution)


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


def _normal(name: str) -> str:
    """Write a distribution's name as PEP 503 has it; ``packaging.utils`` would cost the command line's help 20 ms."""
    return re.sub(r"[-_.]+", "-", name).lower()
