"""A real SMTP server for tests of mail."""

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Server:
    """A real SMTP server that keeps what it gets, and refuses as often as it is told to.

    Attributes:
        mails: receivers and message of each mail.
        raw: each mail as it came.
        refuse: how many of the next mails it refuses.
        logins: names and passwords that were given.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.raw: list[bytes] = []
        self.refuse = 0
        self.logins: list[tuple[bytes, bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """What ``mail.url`` says to reach it."""
        return f"smtp://gigneo:p%40ss%3Aword%2F1@127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Forget what came so far."""
        self.mails.clear()
        self.raw.clear()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail."""
        if self.refuse:
            self.refuse -= 1
            return "451 come back later"
        self.raw.append(envelope.content)
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))  # type: ignore[arg-type]
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
        """Know one password."""
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss:word/1")


@pytest.fixture(scope="module")
def smtp() -> Iterator[Server]:
    """A server that listens while a file of tests runs."""
    server = Server()
    controller = Controller(
        server, hostname="127.0.0.1", port=server.port, authenticator=server.authenticate, auth_require_tls=False
    )
    controller.start()
    yield server
    controller.stop()
