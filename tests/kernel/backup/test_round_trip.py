"""What comes out of an archive is what went in, on both databases; and an older one is brought to the installed code."""

import json
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.testing.databases import sqlite_database
from gigneo.testing.fixtures import Browser, bundled_migrations
from tests.kernel.backup.conftest import KINDS, Deployment, lasting

Tables = Callable[[Runtime], dict[str, Any]]
ON = ("wallet", "orders", "messages")
MODULES = "INSERT INTO module_state (name, wanted, version, fingerprint, changed_at) VALUES (?, 1, '0.1', '', '2026-01-01')"


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_site_is_the_one_that_was_backed_up(
    demo: Deployment, empty: Deployment, tables: Tables, tmp_path: Path
) -> None:
    archive = tmp_path / "demo.tar"
    said = demo.does("backup", str(archive))
    assert "secret key and password salt are in it" in said
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
    with demo.runtime() as runtime:
        before = lasting(tables(runtime))
    assert before["wallet_transfer"]
    assert before["file_stored"]
    said = empty.does("restore", str(archive))
    assert "wallet.audit: Ledger: proven" in said
    assert "The site is open" in said
    assert empty.files() == demo.files()
    with empty.runtime() as runtime:
        assert lasting(tables(runtime)) == before
        Browser(Dispatcher(runtime)).log_in("employer@demo.example", "demo-demo-demo")
    assert json.loads(empty.does("wallet", "audit", "--json"))["ok"]
    empty.does("doctor")
    empty.does("db", "check")
    assert [path.name for path in empty.home.iterdir() if path.name.startswith(".")] == []


def test_an_archive_is_a_tar_file_that_says_what_is_in_it(sqlite_archive: Path, demo_home: Path) -> None:
    with tarfile.open(sqlite_archive) as tar:
        names = tar.getnames()
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    head = ["manifest.json", "secrets/secret_key", "secrets/password_salt", "files.jsonl", "database.sqlite.gz"]
    assert names[:5] == head
    assert names[-1] == "end.json"
    assert sorted(names[5:-1]) == sorted(f"files/{key}" for key in Deployment(demo_home).files())
    assert manifest["files"] == len(names) - 6
    assert manifest["kind"] == "sqlite"
    assert manifest["rows"]["account_user"] >= 10
    assert set(manifest["migrations"]) >= {"kernel", "wallet", "orders"}


def test_a_folder_gets_an_archive_named_by_the_time(demo: Deployment, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    told = json.loads(demo.does("backup", str(folder), "--json"))
    assert [path.name for path in folder.iterdir()] == [Path(told["file"]).name]
    assert Path(told["file"]).name.startswith("gigneo-20")
    assert told["missing"] == told["damaged"] == []


def test_an_older_backup_is_brought_to_the_installed_code(tmp_path: Path) -> None:
    """Orders at its first revision, as the release before made it."""
    old, new, first = Deployment(tmp_path / "old"), Deployment(tmp_path / "new"), tmp_path / "first"
    old.home.mkdir()
    first.mkdir()
    owners = dict(bundled_migrations())
    shutil.copy(owners["orders"] / "0001_orders.py", first)
    sqlite_database(old.home, [(name, first if name == "orders" else owners[name]) for name in ON])
    with old.runtime() as runtime, runtime.write() as session:
        for name in ON:
            session.connection().exec_driver_sql(MODULES, (name,))
    old.does("backup", str(tmp_path / "old.tar"))
    assert old.run("web").returncode == 1
    new.does("restore", str(tmp_path / "old.tar"))
    assert {one["pending"] == [] and one["fault"] is None for one in json.loads(new.does("db", "status", "--json"))} == {True}


def test_without_secrets_a_site_needs_them_from_elsewhere(demo: Deployment, empty: Deployment, tmp_path: Path) -> None:
    archive = str(tmp_path / "demo.tar")
    assert "are not in it" in demo.does("backup", archive, "--without-secrets")
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if "secret" in name]
    assert "--new-secrets" in empty.refuses("restore", archive)
    for name in ("secret_key", "password_salt"):
        shutil.copy(demo.home / name, empty.home)
    empty.does("restore", archive)
    with empty.runtime() as runtime:
        Browser(Dispatcher(runtime)).log_in("employer@demo.example", "demo-demo-demo")


def test_files_that_were_lost_before_are_named_and_the_rest_is_kept(demo: Deployment, empty: Deployment, tmp_path: Path) -> None:
    before = demo.files()
    lost, cut, swollen, *_ = before
    (demo.home / "files" / lost).unlink()
    (demo.home / "files" / cut).write_bytes(b"")
    with (demo.home / "files" / swollen).open("ab") as file:
        file.write(b"more than the row says")
    archive = tmp_path / "demo.tar"
    said = demo.refuses("backup", str(archive), code=3)
    assert f"{lost} was missing" in said
    assert f"{cut} was damaged" in said
    done = empty.run("restore", str(archive))
    assert f"{lost} was missing" in done.stderr
    assert f"{cut} was damaged" in done.stderr
    after = empty.files()
    assert {key: after[key] for key in after if key != cut} == {key: before[key] for key in before if key not in {lost, cut}}
    assert len(after[cut]) == len(before[cut])
    assert done.returncode in {0, 3}  # as far as doctor looks at files
    empty.does("db", "check")
