"""What can't be done is refused in words, and leaves nothing that is taken for a backup or a site."""

import hashlib
import json
import resource
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gigneo.core.secret_files import KEY_FILE
from tests.kernel.backup.conftest import Deployment, Entries

LITTLE = 40 * 1024


def test_a_file_is_never_replaced(demo: Deployment, tmp_path: Path) -> None:
    target = tmp_path / "there.tar"
    target.write_text("precious")
    assert "never replaces" in demo.refuses("backup", str(target))
    assert target.read_text() == "precious"


def test_without_a_site_there_is_nothing_to_back_up(empty: Deployment, tmp_path: Path) -> None:
    assert "nothing to back up" in empty.refuses("backup", str(tmp_path / "x.tar"))


def test_a_folder_that_is_not_there_is_named(demo: Deployment, tmp_path: Path) -> None:
    assert "No such file or directory" in demo.refuses("backup", str(tmp_path / "nowhere" / "x.tar"))
    (tmp_path / "file").touch()
    assert "Not a directory" in demo.refuses("backup", str(tmp_path / "file" / "x.tar"))


def test_a_full_disk_is_told_and_leaves_nothing(
    demo: Deployment, empty: Deployment, sqlite_archive: Path, tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    for site, command in ((demo, ("backup", str(backups / "x.tar"))), (empty, ("restore", str(sqlite_archive)))):
        done = subprocess.run(
            [sys.executable, "-m", "gigneo", *command],
            env={"GIGNEO_HOME": str(site.home)},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LITTLE, LITTLE)),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        assert "✗" in done.stderr
    assert list(backups.iterdir()) == []
    empty.does("restore", str(sqlite_archive))


def test_a_site_that_has_something_is_not_restored_into(demo: Deployment, sqlite_archive: Path, tmp_path: Path) -> None:
    before = demo.files()
    assert "empty site only" in demo.refuses("restore", str(sqlite_archive))
    assert demo.files() == before
    (demo.home / "gigneo.db").unlink()
    assert "There are files in" in demo.refuses("restore", str(sqlite_archive))
    assert "There are files in" in demo.refuses("restore", str(sqlite_archive))  # nor by a second try
    assert demo.files() == before


def test_another_secret_is_not_replaced(empty: Deployment, sqlite_archive: Path) -> None:
    empty.home.mkdir()
    (empty.home / KEY_FILE).write_text("another")
    assert "another than that of the archive" in empty.refuses("restore", str(sqlite_archive))
    assert (empty.home / KEY_FILE).read_text() == "another"


def test_what_is_no_archive_is_said(empty: Deployment, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"no tar at all" * 1000)
    assert "no backup of Gigneo" in empty.refuses("restore", str(tmp_path / "x.tar"))
    assert "No such file" in empty.refuses("restore", str(tmp_path / "y.tar"))
    assert "FILE, or --accept" in empty.refuses("restore", code=2)
    assert "waits to be opened" in empty.refuses("restore", "--accept")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"gigneo": "99.0"}, "newer than this"),
        ({"format": 2}, "newer than this"),
        ({"kind": "postgresql"}, "PostgreSQL database"),
        ({"migrations": {"wallet": "9999"}}, "tables of wallet"),
        ({"files": "many"}, "manifest.json is not as it should be"),
        ({"rows": {}}, "its manifest is not the one"),
    ],
)
def test_an_archive_that_does_not_fit_is_refused(
    empty: Deployment, rewritten: Callable[..., Path], changed: dict[str, object], said: str
) -> None:
    assert said in empty.refuses_archive(rewritten(manifest=changed))


def test_rows_are_counted_before_the_site_is_taken_for_whole(empty: Deployment, rewritten: Callable[..., Path]) -> None:
    def promise_more(entries: Entries) -> None:
        manifest, end = json.loads(entries[0][1]), json.loads(entries[-1][1])
        manifest["rows"]["file_stored"] += 1
        written = json.dumps(manifest).encode()
        end["manifest_sha256"] = hashlib.sha256(written).hexdigest()
        entries[0], entries[-1] = (entries[0][0], written), (entries[-1][0], json.dumps(end).encode())

    assert "not have the rows that were backed up; see file_stored" in empty.refuses("restore", str(rewritten(promise_more)))
    assert "did not come to its end" in empty.refuses("web")


def _insert(name: str, **more: object) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        info = tarfile.TarInfo(name)
        for key, value in more.items():
            setattr(info, key, value)
        entries.insert(7, (info, b"" if more else b"evil"))

    return change


@pytest.mark.parametrize(
    "change",
    [
        _insert("../../evil"),
        _insert("/etc/evil"),
        _insert("files/../../../evil"),
        _insert("files/00/00000000000000000000000000000000"),
        _insert("files/ab/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        _insert("files/ab/hard", type=tarfile.LNKTYPE, linkname="manifest.json"),
        _insert("files/ab", type=tarfile.DIRTYPE),
        lambda entries: entries.append(entries[6]),
        lambda entries: entries.pop(),
        lambda entries: entries.pop(6),
        lambda entries: entries.reverse(),
    ],
    ids=["up", "absolute", "inside", "unknown", "symlink", "hard link", "folder", "after the end", "no end", "gone", "backwards"],
)
def test_nothing_is_taken_out_that_does_not_belong_there(
    empty: Deployment, rewritten: Callable[..., Path], change: Callable[[Entries], None], tmp_path: Path
) -> None:
    empty.refuses_archive(rewritten(change))
    assert not list(tmp_path.rglob("*evil*"))
    assert not [path for path in empty.home.rglob("*") if path.is_symlink()]


def _places(archive: Path) -> dict[str, int]:
    """Return, for each part of an archive, where a byte of it is."""
    with tarfile.open(archive) as tar:
        members = {info.name: info for info in tar}
    wanted = ("manifest.json", "secrets/secret_key", "files.jsonl", "database.sqlite.gz", "end.json")
    places = {name: members[name].offset_data + members[name].size // 2 for name in wanted}
    last = list(members.values())[-2]
    return {**places, "file": last.offset_data + 3, "header": last.offset + 10, "length": last.offset + 124 + 5}


@pytest.mark.parametrize(
    "part", ["manifest.json", "secrets/secret_key", "files.jsonl", "database.sqlite.gz", "end.json", "file", "header", "length"]
)
def test_a_flipped_bit_is_found_wherever_it_is(empty: Deployment, sqlite_archive: Path, tmp_path: Path, part: str) -> None:
    content = bytearray(sqlite_archive.read_bytes())
    content[_places(sqlite_archive)[part]] ^= 1
    (tmp_path / "flipped.tar").write_bytes(content)
    empty.refuses_archive(tmp_path / "flipped.tar")


@pytest.mark.parametrize("share", [0.001, 0.2, 0.6, 0.95])
def test_a_cut_archive_is_refused_and_the_whole_one_goes_in_afterwards(
    empty: Deployment, sqlite_archive: Path, tmp_path: Path, share: float
) -> None:
    content = sqlite_archive.read_bytes()
    (tmp_path / "cut.tar").write_bytes(content[: int(len(content) * share)])
    empty.refuses_archive(tmp_path / "cut.tar")
    if share == 0.6:
        empty.does("restore", str(sqlite_archive))


@pytest.mark.parametrize("kind", ["postgresql"])
def test_the_programs_of_postgresql_are_asked_for_by_their_package(demo: Deployment, empty: Deployment, tmp_path: Path) -> None:
    archive, programs = tmp_path / "x.tar", tmp_path / "bin"
    programs.mkdir()
    assert "postgresql-client-" in demo.refuses("backup", str(archive), PATH=str(programs))
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (programs / "pg_dump").chmod(0o755)
    said = demo.refuses("backup", str(archive), PATH=f"{programs}:/bin:/usr/bin")
    assert "9.6, older than the server's" in said
    assert "postgresql-client-" in said
    (programs / "pg_dump").write_text(
        "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 99.1' || { echo 'no luck' >&2; exit 1; }\n"
    )
    assert "pg_dump failed: no luck" in demo.refuses("backup", str(archive), PATH=f"{programs}:/bin:/usr/bin")
    assert not archive.exists()
    demo.does("backup", str(archive))
    assert "postgresql-client-" in empty.refuses("restore", str(archive), PATH=str(programs))
    empty.does("restore", str(archive))


def test_a_problem_keeps_a_restored_site_shut_until_it_is_accepted(demo: Deployment, empty: Deployment, tmp_path: Path) -> None:
    with demo.runtime() as runtime, runtime.write() as session:
        session.connection().exec_driver_sql("UPDATE task SET state = 'dead' WHERE id = (SELECT min(id) FROM task)")
        session.connection().exec_driver_sql("UPDATE wallet_account SET balance_minor = balance_minor + 1 WHERE id = 3")
    demo.does("backup", str(tmp_path / "x.tar"))
    done = empty.run("restore", str(tmp_path / "x.tar"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "✗ tasks: 1 tasks are dead" in done.stdout
    assert "✗ wallet.audit: " in done.stdout
    assert "restore --accept" in done.stderr
    assert "restore --accept" in empty.refuses("web")
    assert "✗ wallet.audit: " in empty.does("restore", "--accept")
    assert empty.run("wallet", "audit").returncode == 1  # a site again, with what was found
