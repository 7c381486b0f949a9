"""Brings a whole deployment to the code that is installed: a copy first, then the kernel's tables, then the modules'."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from gigneo.core.db.base import KERNEL
from gigneo.core.db.ownership import version_table
from gigneo.core.db.restoring import refuse_unfinished
from gigneo.core.faults import PluginFault, StartRefused
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.graph import resolve
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.schema import newest_revision
from gigneo.core.modules.states import read_states

if TYPE_CHECKING:
    from sqlmodel import Session

    from gigneo.core.runtime import Runtime

KERNEL_MIGRATIONS = Path(__file__).parent / "db" / "migrations"


@dataclass
class Upgraded:
    """What an upgrade did.

    Attributes:
        copy: the copy of the database that was made before.
        applied: owner → its revisions that were run.
        enabled: modules that were switched on because a new site has them.
        faults: modules whose migration failed; they are left out, and the site serves without them.
        new: whether the database was made now.
    """

    copy: Path | None = None
    applied: dict[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: tuple[str, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)
    new: bool = False


def upgrade_all(runtime: "Runtime", *, restoring: bool = False) -> Upgraded:
    """Bring the database to the installed code, and switch on what a new site has.

    It takes its turn behind any other process that does the same, and can be killed and run again at any moment.

    Args:
        runtime: the process's ground. No site is built before the tables are there.
        restoring: whether it is a restore that asks, whose mark is there.

    Raises:
        MigrationRefused: the kernel's tables can't be migrated.
        StartRefused: those of an essential module can't, or a restore is not at its end.
    """
    if not restoring:
        refuse_unfinished(runtime)
    if _is_settled(runtime):
        return Upgraded()  # without alembic and without a site: a start on a home that is well takes no time here
    from gigneo.core.db.migrate import backup_before_upgrade, upgrade
    from gigneo.core.modules.lifecycle import enable_defaults

    modules = wanted_modules(runtime)
    done = Upgraded(new=is_new(runtime))
    done.copy = backup_before_upgrade(runtime.engines, owners(runtime), runtime.home)
    done.applied |= upgrade(runtime.engines)
    if done.new:
        _choose_currency(runtime)
    for manifest in modules:
        _upgrade_module(runtime, manifest, done)
    done.enabled = enable_defaults(runtime)
    return done


def wanted_modules(runtime: "Runtime") -> Sequence[Manifest]:
    """Return the installed modules that are switched on, each after what it requires; none on a new database."""
    if "module_state" not in _tables(runtime):
        return ()
    with runtime.read() as session:
        wanted = {name for name, row in read_states(session).items() if row.wanted}
    manifests = discover().manifests
    return tuple(manifests[name] for name in resolve(manifests, wanted).order)


def owners(runtime: "Runtime") -> list[tuple[str, Path]]:
    """Return each enabled module with its folder of migrations, as :mod:`gigneo.core.db.migrate` wants them."""
    return [(manifest.name, manifest.migrations) for manifest in wanted_modules(runtime)]


def pending(runtime: "Runtime") -> tuple[str, ...]:
    """Return whose tables are not those of the installed code, among the kernel and the bundled modules that are on.

    A third-party module whose tables are behind is left out of the site, and says so on the Modules page.
    """
    bundled = {each.name for each in wanted_modules(runtime) if each.bundled}
    return tuple(owner for owner in _behind(runtime) if owner == KERNEL or owner in bundled)


def is_new(runtime: "Runtime") -> bool:
    """Return whether the database has never been a site's."""
    return "site_state" not in _tables(runtime)


def is_empty(runtime: "Runtime") -> bool:
    """Return whether nobody is registered."""
    with runtime.read() as session:
        return session.execute(text("SELECT 1 FROM account_user LIMIT 1")).first() is None


def is_demo(runtime: "Runtime") -> bool:
    """Return whether this is a demo marketplace."""
    with runtime.read() as session:
        return bool(session.execute(text("SELECT demo FROM site_state")).scalar())


def _current(session: "Session", owner: str) -> str | None:
    table = version_table(owner)
    if not inspect(session.connection()).has_table(table):
        return None
    current: str | None = session.execute(text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608 - an owner's name
    return current


def _tables(runtime: "Runtime") -> frozenset[str]:
    with runtime.read() as session:
        return frozenset(inspect(session.connection()).get_table_names())


def _behind(runtime: "Runtime") -> list[str]:
    """Return every owner whose tables are not at its newest migration, told without alembic."""
    known = [(KERNEL, KERNEL_MIGRATIONS), *owners(runtime)]
    with runtime.read() as session:
        return [owner for owner, folder in known if _current(session, owner) != newest_revision(folder)]


def _is_settled(runtime: "Runtime") -> bool:
    """Return whether there is nothing to migrate, and no bundled module that nobody decided about yet."""
    if is_new(runtime) or _behind(runtime):
        return False
    with runtime.read() as session:
        states = read_states(session)
    return not any(
        (each.essential and not states[each.name].wanted) if each.name in states else (each.essential or each.enabled_by_default)
        for each in discover().manifests.values()
        if each.bundled
    )


def _choose_currency(runtime: "Runtime") -> None:
    with runtime.write() as session:
        session.execute(text("UPDATE site_state SET currency = :currency"), {"currency": runtime.config.site.currency})


def _upgrade_module(runtime: "Runtime", manifest: Manifest, done: Upgraded) -> None:
    from gigneo.core.modules.migration import migrate, migrate_here
    from gigneo.core.modules.switches import note_fault

    with runtime.read() as session:
        before = _current(session, manifest.name)
    try:
        (migrate_here if manifest.bundled else migrate)(runtime, [manifest])
    except PluginFault as fault:
        if manifest.essential:
            raise StartRefused(f"{manifest.title} is essential, and can't be left out. {fault.reason}") from fault
        note_fault(runtime, fault)
        done.faults[manifest.name] = fault.reason
        return
    after = newest_revision(manifest.migrations)
    if after is not None and before != after:
        done.applied[manifest.name] = (after,)
