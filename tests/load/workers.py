"""``gigneo worker`` as a process of its own: one that runs, and one that is known to die."""

from collections.abc import Mapping
from pathlib import Path

from gigneo.testing.commands import gigneo
from gigneo.testing.servers import Server

READY = "Gigneo runs tasks"
KILLED = 137


class Worker(Server):
    """A worker; it is ready when it says so.

    Args:
        home: its ``GIGNEO_HOME``.
        environment: more variables.
    """

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        super().__init__(home, ("worker",), {"GIGNEO_TASKS__POLL_SECONDS": "0.05", **environment})
        self._said_before = 0

    def start(self) -> "Worker":
        path = self.home / "server.log"
        self._said_before = self.log.count(READY) if path.exists() else 0
        super().start()
        return self

    def _ready(self) -> bool:
        return self.log.count(READY) > self._said_before


def worker_dies(home: Path, environment: Mapping[str, str], point: str) -> None:
    """Run a worker until it dies at a kill point, as if by SIGKILL."""
    done = gigneo(home, "worker", environment={**environment, "GIGNEO_CRASH_AT": point}, timeout=60)
    assert done.returncode == KILLED, f"{point}: {done.returncode}\n{done.stdout}{done.stderr}"
