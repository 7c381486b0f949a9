"""One registry per plugin over one shared MetaData: a broken relationship breaks its own plugin, never the site's queries."""

from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import SQLModel

from gigneo.core.db.prefixes import KERNEL_PREFIXES

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)
"""Every table of the process. The schema itself only ever changes by migration."""

KERNEL = "kernel"

_bases: dict[str, type[SQLModel]] = {}


class WrongTableName(TypeError):
    """A table's name does not carry its owner's prefix."""


def table_base(owner: str) -> type[SQLModel]:
    """Return the base class of a plugin's tables, the same one at each call.

    Args:
        owner: the plugin's name; its tables are called ``<owner>_…``.

    Returns:
        A SQLModel class with a registry of its own. Deriving a table whose name lacks the prefix raises
        :class:`WrongTableName` at import.
    """
    if owner in _bases:
        return _bases[owner]
    prefixes = KERNEL_PREFIXES if owner == KERNEL else (f"{owner}_",)
    own_registry = registry(metadata=metadata)

    class OwnedTable(SQLModel, registry=own_registry):
        """The base of one owner's tables."""

        @declared_attr.directive
        def __tablename__(cls) -> str:
            return f"{prefixes[0]}{cls.__name__.lower()}"

        def __init_subclass__(cls, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            name = cls.__dict__.get("__tablename__")
            if name is not None and not str(name).startswith(prefixes):
                raise WrongTableName(
                    f"Table {name!r} of {owner!r} must be called {prefixes[0]}…: the prefix says whose data it is."
                )

    _bases[owner] = OwnedTable
    return OwnedTable


def registry_of(owner: str) -> registry | None:
    """Return the registry of an owner's tables, or ``None`` when it has defined none."""
    base = _bases.get(owner)
    return None if base is None else base._sa_registry


def forget_owner(owner: str) -> None:
    """Take back what an import that failed half way has defined, so that a second try does not find it defined twice.

    Args:
        owner: a plugin that nobody has used yet.
    """
    base = _bases.pop(owner, None)
    if base is not None:
        base._sa_registry.dispose(cascade=True)
    for name in tables_of(owner):
        metadata.remove(metadata.tables[name])


def mapped_classes() -> dict[str, type]:
    """Return the class behind each table of every owner, by the table's name."""
    return {str(mapper.local_table): mapper.class_ for base in _bases.values() for mapper in base._sa_registry.mappers}


def tables_of(owner: str) -> list[str]:
    """Return the names of the tables that an owner defined, sorted."""
    prefixes = KERNEL_PREFIXES if owner == KERNEL else (f"{owner}_",)
    return sorted(name for name in metadata.tables if name.startswith(prefixes))
