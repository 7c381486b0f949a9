"""A process that has imported the product and stands ready: each command of ``gigneo`` runs in a child that it forks.

A start from nothing takes a second and more, most of it for imports; a fork takes some milliseconds. Which modules a command
imports is therefore nothing to ask here; that is for processes that start from nothing.
``python -m gigneo.testing.ready N`` takes requests from the socket with the descriptor N, until it is closed. A request is a line
of JSON (arguments, environment, folder), and comes with three descriptors: the command's output, its errors, and a socket to
which its process id, and in the end its exit code, are written as lines.
"""

import gc
import importlib
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from typing import Any

BEFOREHAND = (
    "gigneo.core.cli.main",
    "gigneo.core.cli.backup",
    "gigneo.core.cli.db",
    "gigneo.core.cli.doctor",
    "gigneo.core.cli.modules",
    "gigneo.core.cli.users",
    "gigneo.core.dispatch",
    "gigneo.core.app",
    "gigneo.core.upgrading",
)
"""The kernel's part. The modules that Gigneo ships come to it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command to run.

    Attributes:
        arguments: what follows ``gigneo`` on the command line.
        environment: all of its variables.
        folder: its working directory.
    """

    arguments: tuple[str, ...]
    environment: dict[str, str]
    folder: str

    def send(self, control: socket.socket, descriptors: list[int]) -> None:
        """Send it along with the descriptors of its output, its errors and its report."""
        content = json.dumps(asdict(self)).encode()
        socket.send_fds(control, [len(content).to_bytes(4, "big")], descriptors)
        control.sendall(content)


def received(control: socket.socket) -> tuple[Request, list[int]] | None:
    """Wait for a request; ``None`` when there will be no more."""
    head, descriptors, _flags, _address = socket.recv_fds(control, 4, 3)
    if not head:
        return None
    with control.makefile("rb", buffering=0) as stream:
        content = b""
        while len(content) < int.from_bytes(head, "big"):
            content += stream.read(int.from_bytes(head, "big") - len(content)) or b""
    fields: dict[str, Any] = json.loads(content)
    return Request(tuple(fields["arguments"]), fields["environment"], fields["folder"]), descriptors


def serve(control: socket.socket) -> Request | None:
    """Fork for each request. Returns it in the child that is to run it, and ``None`` in the first process at the end."""
    while (found := received(control)) is not None:
        request, (output, errors, report) = found
        keeper = os.fork()
        if keeper == 0:
            control.close()
            command = os.fork()
            if command == 0:
                os.close(report)
                become(request, output, errors)
                return request
            os.write(report, f"{command}\n".encode())
            _, status = os.waitpid(command, 0)
            os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os._exit(0)
        for descriptor in (output, errors, report):
            os.close(descriptor)
        reap()
    return None


def become(request: Request, output: int, errors: int) -> None:
    """Be as a new process of this command would be."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv[1:] = request.arguments


def prepare() -> None:
    """Import the product, and leave what was made by that alone, so that children share its memory."""
    for module in BEFOREHAND:
        importlib.import_module(module)
    for point in entry_points(group="gigneo.plugins"):
        if point.value.startswith("gigneo."):
            importlib.import_module(f"{point.value}.plugin")
    gc.collect()
    gc.freeze()


def reap() -> None:
    """Take notice of the keepers that have ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


if __name__ == "__main__":
    prepare()
    if serve(socket.socket(fileno=int(sys.argv[1]))) is not None:
        from gigneo.core.cli.main import main

        main()
