"""Commands of ``gigneo``, run to their end: by a process that stands ready, or from nothing where that makes a difference."""

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

from gigneo.testing.ready import Request

AT_THE_START = ("PYTHON", "GIGNEO_CRASH_AT", "COVERAGE")
"""How the variables begin that a process looks at when it starts, or when it imports the product."""


def _of_the_start(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(AT_THE_START)}


_OURS = _of_the_start(os.environ)


def gigneo(
    home: Path, *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a ``gigneo`` command to its end, in a process of its own.

    Args:
        home: its ``GIGNEO_HOME``.
        arguments: the command line.
        environment: more variables. With one that is looked at when a process starts, the command starts from nothing;
            otherwise it runs in a child of a process that has imported the product already (:mod:`gigneo.testing.ready`).
        timeout: seconds.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIGNEO_")}
    variables |= {"GIGNEO_HOME": str(home), **(environment or {})}
    if _of_the_start(variables) != _OURS:
        return subprocess.run(
            [sys.executable, "-m", "gigneo", *arguments],
            env=variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
    return _ready().run(Request(arguments, variables, os.getcwd()), timeout)


class Ready:
    """The process that stands ready, and the way to it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._asking = threading.Lock()
        variables = {name: value for name, value in os.environ.items() if not name.startswith("GIGNEO_")}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gigneo.testing.ready", str(theirs.fileno())],
                env=variables,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        atexit.register(self.close)

    def run(self, request: Request, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        Raises:
            subprocess.TimeoutExpired: it took longer, and was killed.
        """
        command = ["gigneo", *request.arguments]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs, self._asking:
                    request.send(self._control, [output.fileno(), errors.fileno(), theirs.fileno()])
                ours.settimeout(timeout)
                with ours.makefile("r") as report:
                    process_id = 0
                    try:
                        process_id = self._number(report)
                        code = self._number(report)
                    except TimeoutError:
                        if process_id:
                            os.kill(process_id, 9)
                        raise subprocess.TimeoutExpired(command, timeout) from None
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(command, code, output.read().decode(), errors.read().decode())

    def _number(self, report: IO[str]) -> int:
        line = report.readline()
        if not line:
            code = self._process.poll()
            ended = (
                "The command's process ended without a word"
                if code is None
                else f"The process that stands ready ended with {code}"
            )
            raise ChildProcessError(f"{ended}.")
        return int(line)

    def close(self) -> None:
        """Let it end."""
        self._control.close()
        self._process.wait(10)


@cache
def _ready() -> Ready:
    return Ready()
