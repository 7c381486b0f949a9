"""Sites under load: the demo marketplace on a database of its own, served by real processes."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gigneo.testing.commands import gigneo
from gigneo.testing.databases import postgres_database
from gigneo.testing.http import Person
from gigneo.testing.servers import Server


@contextmanager
def three_processes(folder: Path) -> Iterator[list[Server]]:
    """Three web processes and a worker on one PostgreSQL database, each web process on a port of its own."""
    with ExitStack() as stack:
        environment = {"GIGNEO_DATABASE__URL": stack.enter_context(postgres_database()), "GIGNEO_LOG__LEVEL": "error"}
        home = folder / "home"
        loaded = gigneo(home, "demo", "load", environment=environment, timeout=300)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        servers = []
        for _ in range(3):
            server = Server(home, ("web",), environment)
            stack.callback(server.stop)
            servers.append(server.start())
        yield servers


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
