"""Whether a module's tables are behind its code, told without alembic: a web process never loads it."""

import ast
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import inspect, text
from sqlmodel import Session

from gigneo.core.modules.manifest import Manifest


def behind(session: Session, manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the names of the modules whose newest migration has not been run.

    Args:
        session: reads.
        manifests: the modules to look at.
    """
    tables = set(inspect(session.connection()).get_table_names())
    late = set()
    for manifest in manifests:
        newest = newest_revision(manifest.migrations)
        table = f"alembic_version_{manifest.name}"
        if newest is None:
            continue
        current = session.execute(text(f"SELECT version_num FROM {table}")).scalar() if table in tables else None  # noqa: S608
        if current != newest:
            late.add(manifest.name)
    return frozenset(late)


def revisions(folder: Path) -> frozenset[str]:
    """Read from the migrations' text which revisions there are."""
    return frozenset(named["revision"] for path in folder.glob("*.py") if (named := _names(path)).get("revision"))


def newest_revision(folder: Path) -> str | None:
    """Read from the migrations' text which one is the last; ``None`` when there is none, or no single one."""
    followed = {_names(path).get("down_revision", "") for path in folder.glob("*.py")}
    ends = revisions(folder) - followed
    return next(iter(ends)) if len(ends) == 1 else None


def _names(path: Path) -> dict[str, str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    found = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[target.id] = value.value
    return found
