"""Whether an archive fits this deployment, told from its manifest before anything is touched."""

from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from gigneo import __version__
from gigneo.core.backup.manifest import FORMAT, Manifest
from gigneo.core.db.base import KERNEL
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.schema import revisions
from gigneo.core.refusals import Refused
from gigneo.core.secret_files import KEY_FILE, SALT_FILE
from gigneo.core.upgrading import KERNEL_MIGRATIONS

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

NAMES = {"sqlite": "a SQLite", "postgresql": "a PostgreSQL"}


def refuse_what_does_not_fit(runtime: "Runtime", manifest: Manifest, *, new_secrets: bool) -> None:
    """Look at versions, kind of database and secrets.

    Args:
        runtime: the deployment's ground.
        manifest: of the archive.
        new_secrets: whether the operator goes on without the site's secrets.

    Raises:
        Refused: with what is wrong and what to do.
    """
    _version(manifest)
    kind = "sqlite" if runtime.engines.is_sqlite else "postgresql"
    if manifest.kind != kind:
        raise Refused(
            f"The archive has {NAMES[manifest.kind]} database, and this deployment is configured for {NAMES[kind]} one. "
            "Set database.url, and restore again.",
            "other_database",
        )
    _migrations(manifest)
    _secrets(runtime, manifest, new_secrets)


def _version(manifest: Manifest) -> None:
    try:
        newer = manifest.format > FORMAT or Version(manifest.gigneo) > Version(__version__)
    except InvalidVersion:
        newer = True
    if newer:
        raise Refused(
            f"The archive was made by Gigneo {manifest.gigneo}, which is newer than this {__version__}. Install that version.",
            "newer",
        )


def _migrations(manifest: Manifest) -> None:
    found = discover().manifests
    folders = {KERNEL: KERNEL_MIGRATIONS, **{name: each.migrations for name, each in found.items()}}
    newer = [
        owner for owner, revision in manifest.migrations.items() if owner in folders and revision not in revisions(folders[owner])
    ]
    if newer:
        raise Refused(
            f"The tables of {', '.join(newer)} in the archive are newer than the installed code. Install the version that "
            "the archive was made with.",
            "newer",
        )


def _secrets(runtime: "Runtime", manifest: Manifest, new_secrets: bool) -> None:
    names = (KEY_FILE, SALT_FILE)
    absent = [name for name in names if not (runtime.home / name).exists()]
    if not manifest.secrets and absent and not new_secrets:
        raise Refused(
            f"The archive was made without secrets. Copy {' and '.join(absent)} of the site into {runtime.home} first. If they "
            "are lost, restore with --new-secrets: everybody has to log in again, with a new password.",
            "no_secrets",
        )
