"""Runs a step of a module's life in a process of its own, so that no import, exit or endless loop reaches the site."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gigneo.core.config import Config

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

OUTPUT_LIMIT = 4000


class StepFailed(Exception):
    """The process ended without an answer.

    Args:
        reason: how it ended, for the operator.
        output: the last of what it printed.
    """

    def __init__(self, reason: str, output: str = "") -> None:
        super().__init__(reason)
        self.reason, self.output = reason, output


def run_step(runtime: "Runtime", module: str, names: Iterable[str], request: dict[str, Any], seconds: float) -> Any:
    """Run ``python -m <module> NAME…`` and return the JSON value that it answers.

    The process gets this one's configuration and import path, and the request, by standard input; it answers in the
    last line of its standard output.

    Args:
        runtime: whose configuration it works with.
        module: the Python module to run.
        names: the modules that it is about.
        request: further values for it.
        seconds: how long it may take before it is killed.

    Raises:
        StepFailed: it took too long, was killed, or left without an answer.
    """
    environment = {key: value for key, value in os.environ.items() if key != "GIGNEO_CRASH_AT"}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    given = json.dumps({"config": runtime.config.model_dump(mode="json"), **request})
    process = subprocess.Popen(
        [sys.executable, "-m", module, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise StepFailed(f"It did not finish within {seconds:g} seconds.") from None
    marked = [line.removeprefix(ANSWER) for line in output.splitlines() if line.startswith(ANSWER)]
    if not marked:
        how = f"was killed by signal {-process.returncode}" if process.returncode < 0 else f"ended with {process.returncode}"
        raise StepFailed(f"Its process {how} and gave no answer.", errors[-OUTPUT_LIMIT:])
    return json.loads(marked[-1])


ANSWER = "gigneo-answer: "


def read_request() -> tuple[Config, dict[str, Any]]:
    """Read, inside the process, what :func:`run_step` wrote."""
    given = json.loads(sys.stdin.read())
    return Config(**given.pop("config")), given


def answer(value: Any) -> None:
    """Give the answer, inside the process, and leave at once: whatever a module left running ends here."""
    os.write(1, f"\n{ANSWER}{json.dumps(value)}\n".encode())
    os._exit(0)


def _kill(process: subprocess.Popen[str]) -> None:
    import signal

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.communicate()
