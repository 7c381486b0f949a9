"""A fingerprint of a module's files, by which changed code is noticed without reading it."""

import hashlib
from pathlib import Path


def fingerprint(folder: Path) -> str:
    """Return a short text that changes when a file of the folder comes, goes or changes.

    Args:
        folder: the package's folder; compiled files in it don't count.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts or path.is_dir():
            continue
        try:
            facts = path.stat()
        except OSError:
            continue
        digest.update(f"{path.relative_to(folder)}\0{facts.st_mtime_ns}\0{facts.st_size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]
