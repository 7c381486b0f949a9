"""Mail over TLS goes to a server whose certificate is trusted, with the password; one that isn't gets neither."""

import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

from gigneo.core.config import Config, load_config
from gigneo.core.mail import transport
from tests.smtp import Server


class Encrypted(Controller):
    """A server that is asked whether it is up in TLS, as it only speaks that."""

    def _trigger_server(self) -> None:
        asking = ssl.create_default_context()
        asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.hostname, self.port), 10) as plain, asking.wrap_socket(plain) as asked:
            asked.recv(1024)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[trustme.CA]:
    """Who signs certificates, in a file where this machine's list of the trusted may be told to be."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "trusted.pem")
    transport._trusted.cache_clear()
    yield made
    transport._trusted.cache_clear()


@pytest.fixture
def name() -> str:
    """Whom the server's certificate is about."""
    return "127.0.0.1"


@pytest.fixture(params=["smtp", "smtps"])
def server(request: pytest.FixtureRequest, authority: trustme.CA, name: str) -> Iterator[tuple[Server, str]]:
    """A server with a certificate, and its address: one that changes to TLS when asked, and one that begins with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    inside, scheme = Server(), request.param
    more: dict[str, Any] = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    kind = Encrypted if scheme == "smtps" else Controller
    controller = kind(
        inside, hostname="127.0.0.1", port=inside.port, authenticator=inside.authenticate, auth_require_tls=False, **more
    )
    controller.start()
    yield inside, inside.url.replace("smtp", scheme, 1)
    controller.stop()


def config_of(url: str, home: Path) -> Config:
    return load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_MAIL__URL": url})


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "post@work.example", "ada@people.example", "Hello"
    mail.set_content("Hello Ada.")
    return mail


def test_a_mail_goes_to_a_server_that_is_trusted(
    server: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, url = server
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    for _ in range(2):
        transport.deliver(a_mail(), config_of(url, tmp_path))
    assert [receivers for receivers, _ in inside.mails] == [["ada@people.example"]] * 2
    assert inside.logins == [(b"gigneo", b"p@ss:word/1")] * 2


@pytest.mark.parametrize("name", ["mail.example"])
def test_neither_goes_to_a_server_with_the_certificate_of_another(
    server: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, url = server
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        transport.deliver(a_mail(), config_of(url, tmp_path))
    assert (inside.mails, inside.logins) == ([], [])


def test_neither_password_nor_mail_goes_to_a_server_that_nobody_vouches_for(server: tuple[Server, str], tmp_path: Path) -> None:
    inside, url = server
    with pytest.raises(ssl.SSLCertVerificationError):
        transport.deliver(a_mail(), config_of(url, tmp_path))
    assert (inside.mails, inside.logins) == ([], [])
