"""Sites under load: the demo marketplace on a database of its own, served by real processes."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gigneo.testing.commands import gigneo
from gigneo.testing.http import Person
from gigneo.testing.servers import Server
from tests.demos import DemoOnPostgres


@contextmanager
def three_processes(folder: Path, demo_on_postgres: DemoOnPostgres) -> Iterator[list[Server]]:
    """Three web processes on one PostgreSQL database with the demo marketplace, each on a port of its own."""
    home = folder / "home"
    with ExitStack() as stack:
        environment = {**stack.enter_context(demo_on_postgres(home)), "GIGNEO_LOG__LEVEL": "error"}
        servers = [Server(home, ("web",), environment) for _ in range(3)]
        start_at_once(servers, stack)
        yield servers


def start_at_once(servers: list[Server], stack: ExitStack) -> None:
    """Start servers side by side; the stack's end stops them."""
    for server in servers:
        stack.callback(server.stop)
    with ThreadPoolExecutor() as starters:
        list(starters.map(Server.start, servers))


def an_open_order(server: Server, button: str) -> str:
    """Return the number of an order of the demo's employer on whose page there is a certain button."""
    person = Person(server.port).log_in("employer@demo.example", "demo-demo-demo")
    numbers = dict.fromkeys(re.findall(r"/orders/(\d+)", person.get("/dashboard/orders/services").text))
    for number in numbers:
        if button in person.get(f"/orders/{number}/overview").text:
            person.close()
            return number
    raise AssertionError(f"none of {list(numbers)} has {button!r}")


def audit_is_clean(server: Server) -> None:
    """Let the ledger be proven by its own command."""
    done = gigneo(server.home, "wallet", "audit", "--json", environment=_database_of(server))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"]


def _database_of(server: Server) -> dict[str, str]:
    return {name: value for name, value in server.environment.items() if name.startswith("GIGNEO_") and name != "GIGNEO_HOME"}
