"""``gigneo backup`` and ``gigneo restore``: the whole site in one file, and back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import complain, dump, examples, json_option, say
from gigneo.core.cli.progress import shown, size

if TYPE_CHECKING:
    from gigneo.core.backup.manifest import End
    from gigneo.core.doctor import Finding

NOT_WHOLE: Final = 3
"""Exit code: it was done, and not everything was found well."""
NAMED: Final = 20


@click.command(
    epilog=examples(
        ("gigneo backup /backups/", "a file named by the time, every night"),
        "gigneo backup /backups/before-the-move.tar",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-secrets", is_flag=True, help="Leave the secret key and the password salt out; keep them elsewhere.")
@json_option
def backup(file: Path, without_secrets: bool, as_json: bool) -> None:
    """Write the database and all files into one archive, while the site is served.

    FILE must not exist; in a folder, a name is made from the time. Configuration and packages are not part of it.

    Leaves with 0 when the archive is whole, with 1 when none was written, and with 3 when it was written but some of the
    site's files were missing or damaged already.
    """
    from gigneo.core.backup.taking import back_up

    with in_words(), open_runtime(current_schema=False) as runtime, shown(as_json) as progress:
        taken = back_up(runtime, file.absolute(), progress, secrets=not without_secrets)
    manifest = taken.manifest
    if as_json:
        dump({"file": taken.path, "bytes": taken.size_bytes, **manifest.model_dump(mode="json"), **taken.end.model_dump()})
    else:
        rows = sum(manifest.rows.values())
        say(f"Wrote {taken.path}: {size(taken.size_bytes)}, {manifest.files} files, {rows} rows in {len(manifest.rows)} tables.")
        if manifest.secrets:
            say("The site's secret key and password salt are in it: whoever has the file can act as anybody. Guard it.")
        else:
            say("The secret key and the password salt are not in it. Without them nobody can log in after a restore.")
        _name_faults(taken.end)
    sys.exit(0 if taken.is_whole else NOT_WHOLE)


@click.command(
    epilog=examples(
        ("gigneo restore /backups/gigneo-20260301T020000Z.tar", "into an empty GIGNEO_HOME"),
        ("gigneo restore --accept", "open a restored site in spite of what was found"),
    )
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--new-secrets", is_flag=True, help="The site's secrets are lost: make new ones; all passwords are void.")
@click.option("--accept", is_flag=True, help="Check a restored site again, and open it whatever is found.")
def restore(file: Path | None, new_secrets: bool, accept: bool) -> None:
    """Put a backup back into an empty deployment, check all of it, and open the site.

    Until then neither pages are served nor tasks run. A restore that was killed is begun again by the same command.

    Leaves with 0 when the site is open, with 1 when nothing was restored, and with 3 when everything was restored but the
    checks named problems: the site then stays shut until "gigneo restore --accept".
    """
    from gigneo.core.backup.checking import check, is_well, open_site
    from gigneo.core.backup.restoring import restore as put_back
    from gigneo.core.db.restoring import present
    from gigneo.core.refusals import Refused
    from gigneo.core.upgrading import upgrade_all

    if (file is None) != accept:
        raise click.UsageError("Say which FILE, or --accept.")
    with in_words(), open_runtime(current_schema=False) as runtime:
        if file is None:
            found = present(runtime)
            if found is None or not found.loaded:
                raise Refused("No site was restored here that waits to be opened.", "nothing_restored")
            upgrade_all(runtime, restoring=True)  # what kept it from it may have been put right
        else:
            with shown() as progress:
                manifest, end = put_back(runtime, file.absolute(), progress, new_secrets=new_secrets)
            say(f"Restored {manifest.files - len(end.missing)} files and {sum(manifest.rows.values())} rows.")
            _name_faults(end)
        findings = check(runtime)
        well = is_well(findings)
        _tell(findings)
        if well or accept:
            open_site(runtime)
            say("The site is open: “gigneo run” serves it, and its tasks go on.")
        else:
            complain("The site stays shut. Put right what is named, then run: gigneo restore --accept")
    sys.exit(0 if well or accept else NOT_WHOLE)


@contextmanager
def in_words() -> Iterator[None]:
    """Let full disks, closed folders and failing stores be told in words."""
    from sqlite3 import Error

    from obstore.exceptions import BaseError

    from gigneo.core.refusals import Refused

    try:
        yield
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise Refused(f"{error.strerror or error}{where}. Nothing was finished; run it again when that is put right.") from error
    except (BaseError, Error) as error:
        raise Refused(f"{error}. Nothing was finished; run it again when that is put right.") from error


def _name_faults(end: "End") -> None:
    for what, keys in (("missing", end.missing), ("damaged", end.damaged)):
        for key in keys[:NAMED]:
            complain(f"The site's file {key} was {what} when the backup was made.")
        if len(keys) > NAMED:
            complain(f"{len(keys) - NAMED} more files were {what}.")


def _tell(findings: "list[Finding]") -> None:
    from gigneo.core.cli.doctor import line

    for each in findings:
        say(line(each))
