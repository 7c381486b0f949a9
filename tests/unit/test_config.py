"""Configuration: every unknown name and wrong value is refused with its source and with what is allowed."""

import os
import threading
from pathlib import Path

import pytest

from gigneo.core.config import Config, ConfigError, find_home, load_config, names, password_salt, secret_key

REFUSED = {
    "an unknown section in the file": ("[webb]\nport = 1", {}, ["gigneo.toml", "[webb]", "Did you mean web?"]),
    "an unknown key in the file": ("[web]\nprot = 1", {}, ["gigneo.toml", "'prot'", "Did you mean port?", "threads"]),
    "a key outside any section": ("port = 1", {}, ["gigneo.toml", "'port'", "outside any section"]),
    "a value where a section is meant": ("web = 5", {}, ["gigneo.toml", "web must be a section"]),
    "a file that is no TOML": ("[web", {}, ["gigneo.toml can't be read"]),
    "an unknown section in a variable": ("", {"GIGNEO_WEBB__PORT": "1"}, ["GIGNEO_WEBB__PORT", "Did you mean GIGNEO_WEB__PORT?"]),
    "an unknown key in a variable": ("", {"GIGNEO_WEB__PROT": "1"}, ["GIGNEO_WEB__PROT", "GIGNEO_WEB__PORT"]),
    "a variable too deep": ("", {"GIGNEO_WEB__PORT__X": "1"}, ["The variable GIGNEO_WEB__PORT__X is unknown"]),
    "a variable in small letters": ("", {"gigneo_web__port": "1"}, ["gigneo_web__port", "GIGNEO_WEB__PORT"]),
    "a misspelt home": ("", {"GIGNEO_HOMME": "/x"}, ["GIGNEO_HOMME", "Did you mean GIGNEO_HOME?"]),
    "a whole section in one variable": ("", {"GIGNEO_SITE": '{"name": "x"}'}, ["The variable GIGNEO_SITE is unknown"]),
    "a port out of range": ("", {"GIGNEO_WEB__PORT": "70000"}, ["GIGNEO_WEB__PORT", "from 1 to 65535"]),
    "a port that is no number": ("[web]\nport = 'x'", {}, ["[web] port", "a whole number"]),
    "PORT that is no number": ("", {"PORT": "x"}, ["PORT has a wrong value", "a whole number"]),
    "safe mode that is neither": ("", {"GIGNEO_SAFE_MODE": "maybe"}, ["GIGNEO_SAFE_MODE", "1 or 0"]),
    "another database": ("", {"GIGNEO_DATABASE__URL": "mysql://h/x"}, ["GIGNEO_DATABASE__URL", "neither SQLite nor PostgreSQL"]),
    "a database that vanishes": ("", {"GIGNEO_DATABASE__URL": "sqlite://"}, ["GIGNEO_DATABASE__URL", "names no file"]),
    "another storage": ("", {"GIGNEO_STORAGE__URL": "ftp://h/x"}, ["GIGNEO_STORAGE__URL", "s3://bucket"]),
    "another way of mail": ("", {"GIGNEO_MAIL__URL": "sendmail"}, ["GIGNEO_MAIL__URL", "smtp://"]),
    "a sender that could forge headers": ("", {"GIGNEO_MAIL__SENDER": "a@b\r\nBcc: c@d"}, ["GIGNEO_MAIL__SENDER"]),
    "an unknown time zone": ("[site]\ntime_zone = 'Mars'", {}, ["[site] time_zone", "Europe/Lisbon"]),
    "a currency in words": ("[site]\ncurrency = 'euro'", {}, ["[site] currency", "three capital letters"]),
    "an address that is none": ("[site]\nbase_url = 'example.org'", {}, ["[site] base_url", "https://"]),
    "a list that is none": ("[site]\ntrusted_hosts = 5", {}, ["[site] trusted_hosts", "separated by commas"]),
    "an unknown log format": ("", {"GIGNEO_LOG__FORMAT": "xml"}, ["GIGNEO_LOG__FORMAT", "json or text"]),
    "one thread": ("", {"GIGNEO_WEB__THREADS": "1"}, ["GIGNEO_WEB__THREADS", "2 to 128"]),
}


def read(home: Path, toml: str = "", **environ: str) -> Config:
    (home / "gigneo.toml").write_text(toml)
    return load_config(home, environ)


@pytest.mark.parametrize(("toml", "environ", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_with_its_source(tmp_path: Path, toml: str, environ: dict[str, str], said: list[str]) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, toml, **environ)
    for part in said:
        assert part in str(refusal.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, "[webb]\n[log]\nlevel = 'loud'", GIGNEO_WEB__PORT="0", GIGNEO_HOMME="x")
    assert len(refusal.value.problems) == 4


def test_a_refusal_never_shows_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, GIGNEO_DATABASE__URL="mysql://root:hunter2@h/x", GIGNEO_MAIL__URL="imap://a:hunter2@h")
    assert "hunter2" not in str(refusal.value)


def test_nothing_said_gives_a_whole_site_in_its_home(tmp_path: Path) -> None:
    config = load_config(tmp_path, {})
    assert config.database.url == f"sqlite:///{tmp_path}/gigneo.db"
    assert config.storage.url == f"file://{tmp_path}/files"
    assert config.site.base_url == "http://127.0.0.1:8000"
    assert list(tmp_path.iterdir()) == []


def test_a_variable_wins_over_the_file_and_both_over_port(tmp_path: Path) -> None:
    assert read(tmp_path, PORT="8100").web.port == 8100
    assert read(tmp_path, "[web]\nport = 8200", PORT="8100").web.port == 8200
    config = read(tmp_path, "[web]\nport = 8200", PORT="8100", GIGNEO_WEB__PORT="8300")
    assert config.web.port == 8300
    assert config.site.base_url == "http://127.0.0.1:8300"


def test_each_value_names_its_source(tmp_path: Path) -> None:
    config = read(tmp_path, "[web]\nthreads = 4", GIGNEO_LOG__FORMAT="json", GIGNEO_SAFE_MODE="1", PORT="8100")
    sources = config.sources()
    assert set(sources) == set(names())
    assert sources["web.threads"] == f"{tmp_path}/gigneo.toml, [web] threads"
    assert (sources["log.format"], sources["modules.safe_mode"]) == ("GIGNEO_LOG__FORMAT", "GIGNEO_SAFE_MODE")
    assert (sources["web.port"], sources["mail.url"]) == ("PORT", "default")
    assert config.modules.safe_mode


def test_lists_are_said_with_commas_in_a_variable(tmp_path: Path) -> None:
    assert read(tmp_path, GIGNEO_SITE__TRUSTED_HOSTS="a.example, b.example").site.trusted_hosts == ("a.example", "b.example")
    assert read(tmp_path, "[site]\ntrusted_hosts = ['a.example']").site.trusted_hosts == ("a.example",)


@pytest.mark.parametrize("url", ["postgresql://u:p@h/db", "postgres://u:p@h/db", "postgresql+psycopg://u:p@h/db"])
def test_postgresql_is_one_driver(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, GIGNEO_DATABASE__URL=url).database.url == "postgresql+psycopg://u:p@h/db"


def test_secrets_are_masked_where_values_are_shown(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        GIGNEO_DATABASE__URL="postgresql://u:hunt@er2@h/db",
        GIGNEO_MAIL__URL="smtp://me:hunter2@h:25",
        GIGNEO_STORAGE__URL="s3://bucket?secret_access_key=hunter2",
    )
    assert "er2" not in str(config.shown()) + repr(config)
    assert config.shown()["mail.url"] == "smtp://me:…@h:25"


def test_a_configuration_is_frozen(tmp_path: Path) -> None:
    config = load_config(tmp_path, {})
    with pytest.raises(ValueError, match="frozen"):
        config.web.port = 1  # type: ignore[misc]


def test_the_home_is_found_by_variable_then_among_the_users_data(tmp_path: Path) -> None:
    assert find_home({"GIGNEO_HOME": str(tmp_path), "XDG_DATA_HOME": "/data"}) == tmp_path
    assert find_home({"XDG_DATA_HOME": "/data"}) == Path("/data/gigneo")
    assert find_home({}) == Path.home() / ".local/share/gigneo"


@pytest.mark.parametrize("make", [secret_key, password_salt])
def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path, make) -> None:
    home = tmp_path / "home"
    seen: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait(5)
        seen.append(make(home))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8 and len(set(seen)) == 1 and len(seen[0]) >= 60
    [kept] = home.iterdir()
    assert os.stat(kept).st_mode & 0o777 == 0o600


def test_the_two_secrets_differ(tmp_path: Path) -> None:
    assert secret_key(tmp_path) != password_salt(tmp_path)
