"""The command line: light to look at, clear when it refuses, useful to machines, and clean when it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gigneo.core.cli.main import COMMANDS, USAGE, expected, root, said
from gigneo.testing.commands import gigneo
from gigneo.testing.servers import Server

HEAVY = ("flask", "sqlmodel", "sqlalchemy", "alembic", "pydantic", "structlog", "granian", "gigneo.api")
LOOK = """
import sys
from gigneo.core.cli.main import root
sys.argv = ["gigneo", *{arguments!r}]
try:
    root(prog_name="gigneo")
except SystemExit as left:
    assert not left.code, left.code
print("heavy:", [name for name in {heavy!r} if name in sys.modules])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is up to date, with what a new site has."""
    home = tmp_path_factory.mktemp("home")
    done = gigneo(home, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return home


def call(home: Path, *arguments: str, code: int = 0, given: str = "", **variables: str) -> Result:
    """Run a command in this process."""
    cleared: dict[str, str | None] = {name: None for name in os.environ if name.startswith("GIGNEO_") or name == "PORT"}
    runner = CliRunner(env={**cleared, "GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error", **variables})
    result = runner.invoke(root, list(arguments), input=given, prog_name="gigneo")
    if result.exception and not isinstance(result.exception, SystemExit):
        result.exit_code = expected(result.exception) or 99
        assert result.exit_code != 99, result.exception
        result.stderr_bytes += said(result.exception).encode()
    assert result.exit_code == code, result.output + result.stderr
    return result


def answer(home: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(call(home, *arguments, "--json", code=code).stdout)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["wallet", "--help"], *([name, "--help"] for name in COMMANDS)])
def test_a_look_at_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = LOOK.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_help_teaches_every_command_and_those_of_modules_by_their_manifests(home: Path) -> None:
    text = call(home, "--help").stdout
    for name in (*COMMANDS, "wallet", "Examples:", "gigneo run --demo"):
        assert name in text
    assert "audit" in call(home, "wallet", "--help").stdout
    for name in COMMANDS:
        assert call(home, name, "--help").stdout.count(".") > 1


def test_wrong_configuration_is_refused_with_every_problem_and_exit_code_2(tmp_path: Path) -> None:
    done = gigneo(tmp_path, "run", environment={"GIGNEO_WEBB__PORT": "1", "GIGNEO_WEB__THREADS": "zero"})
    assert done.returncode == USAGE
    assert "GIGNEO_WEBB__PORT" in done.stderr
    assert "GIGNEO_WEB__THREADS" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_leaves_with_2(home: Path) -> None:
    call(home, "no-such-command", code=2)
    call(home, "web", "--workers", "many", code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["db", "status"],
        ["db", "check"],
        ["modules", "list"],
        ["modules", "show", "wallet"],
        ["hooks"],
        ["users", "list"],
        ["doctor"],
    ],
)
def test_every_report_answers_machines_in_json(home: Path, arguments: list[str]) -> None:
    assert answer(home, *arguments) is not None
    assert call(home, *arguments).stdout.strip() != "" or arguments == ["users", "list"]


def test_config_show_masks_secrets_and_names_sources(home: Path) -> None:
    url = "smtp://me:hunter2@mail.example:25"
    shown = call(home, "config", "show", "--json", GIGNEO_MAIL__URL=url)
    assert "hunter2" not in shown.stdout + call(home, "config", "show", GIGNEO_MAIL__URL=url).stdout
    value = json.loads(shown.stdout)["values"]["mail.url"]
    assert value == {"value": "smtp://me:…@mail.example:25", "source": "GIGNEO_MAIL__URL"}


def test_people_are_made_listed_and_given_rights(home: Path) -> None:
    create = ("users", "create", "ada@example.org", "--role", "employer", "--password-stdin")
    call(home, *create, given="a-long-enough-pass-phrase\n")
    assert "already" in call(home, *create, given="a-long-enough-pass-phrase\n", code=1).stderr
    call(home, "users", "create", "bob@example.org", "--role", "employer", "--password-stdin", given="short\n", code=1)
    call(home, "users", "grant", "ada@example.org", "freelancer")
    [ada] = answer(home, "users", "list")
    assert (ada["email"], ada["roles"]) == ("ada@example.org", ["employer", "freelancer"])
    call(home, "users", "grant", "ada@example.org", "freelancer", "--revoke")
    assert answer(home, "users", "list")[0]["roles"] == ["employer"]
    assert "Nobody" in call(home, "users", "grant", "eve@example.org", "freelancer", code=1).stderr


def test_an_essential_module_stays_and_an_unknown_one_is_named(home: Path) -> None:
    assert "essential" in call(home, "modules", "disable", "wallet", code=1).stderr
    assert "nosuch" in call(home, "modules", "show", "nosuch", code=1).stderr
    assert "nosuch" in call(home, "modules", "enable", "nosuch", code=1).stderr


def test_one_hook_is_explained_and_the_reference_is_written(home: Path) -> None:
    assert "order_delivered" in call(home, "hooks", "order_delivered").stdout
    call(home, "hooks", "order_deliverd", code=1)
    assert call(home, "hooks", "--markdown").stdout.startswith("# Hooks")


def test_a_module_command_runs_on_the_site(home: Path) -> None:
    call(home, "wallet", "audit")


def test_an_older_database_is_refused_with_what_to_run(tmp_path: Path) -> None:
    done = gigneo(tmp_path, "web")
    assert done.returncode == 1
    assert "gigneo db upgrade" in done.stderr
    for arguments in (["modules", "list"], ["users", "list"]):
        assert "gigneo db upgrade" in call(tmp_path, *arguments, code=1).stderr


def test_more_than_one_worker_on_sqlite_is_refused_with_the_reason(home: Path) -> None:
    done = gigneo(home, "web", "--workers", "2")
    assert done.returncode == USAGE
    assert "PostgreSQL" in done.stderr


def test_run_serves_one_home_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    server = Server(tmp_path / "home").start()
    group = server._process.pid  # type: ignore[union-attr]
    wait_for(lambda: f"Gigneo serves at {server.url}/" in server.log)
    assert "gigneo users create" in server.log
    second = gigneo(server.home, "web", environment={"PORT": str(server.port + 1)})
    assert second.returncode == USAGE
    assert f"Process {group} serves" in second.stderr
    os.kill(group, signal.SIGTERM)
    assert server._process.wait(30) == 0  # type: ignore[union-attr]
    wait_for(lambda: not is_alive(group))
    assert "Traceback" not in server.log
    assert not (server.home / "gigneo.db-wal").exists(), "the last connection of a clean end takes the write-ahead log along"


def test_workers_end_when_their_supervisor_is_killed(home: Path) -> None:
    server = Server(home, ("web",)).start()
    group = server._process.pid  # type: ignore[union-attr]
    os.kill(group, signal.SIGKILL)
    server._process.wait(10)  # type: ignore[union-attr]
    wait_for(lambda: not is_alive(group))


def test_a_site_that_cannot_start_says_why_and_ends(tmp_path: Path) -> None:
    (tmp_path / "gigneo.db").write_bytes(b"no database at all, but long enough to be one" * 40)
    done = gigneo(tmp_path, "run")
    assert done.returncode == 1
    assert "not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_runs_tasks_and_stops_when_asked(home: Path) -> None:
    environment = {**os.environ, "GIGNEO_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "gigneo", "worker"], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert "runs tasks" in process.stdout.readline()
        process.terminate()
        assert process.wait(30) == 0


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
