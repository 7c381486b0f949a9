"""A person over real sockets, for load and failure tests: one keep-alive connection, cookies, hidden form fields."""

import http.client
import re
import time
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "gigneo-testing-boundary"
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status.
        text: the body.
        revision: the site revision that answered, or 0.
        location: where a redirect leads.
        started_at: ``time.monotonic()`` when the request was sent.
        ended_at: when the answer was read.
        content: the body's bytes.
    """

    status: int
    text: str
    revision: int
    location: str
    started_at: float
    ended_at: float
    content: bytes = b""


class Person:
    """Somebody with a browser's habits and no window.

    Args:
        port: where the server listens on 127.0.0.1.
        timeout: seconds that an answer may take.
    """

    def __init__(self, port: int, timeout: float = 30.0) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def at(self, port: int) -> "Person":
        """Return the same person, logged in the same, at another server of the same site."""
        other = Person(port, self.timeout)
        other.cookies = dict(self.cookies)
        return other

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._request("GET", path, None)

    def post(self, path: str, data: dict[str, str], *, page: str | None = None) -> Answer:
        """Send a form with the hidden fields of its page.

        Args:
            path: where to.
            data: what was typed.
            page: the page that shows the form, asked for first; the last page seen when absent.
        """
        if page is not None:
            self.get(page)
        return self._request("POST", path, urlencode({**self.fields, **data}))

    def log_in(self, email: str, password: str) -> "Person":
        """Log in through the form."""
        answer = self.post("/login", {"email": email, "password": password}, page="/login")
        assert answer.status in {302, 303}, f"{email} could not log in: {answer.status} {answer.text[:500]}"
        return self

    def send_file(self, path: str, data: dict[str, str], field: str, name: str, content: bytes, *, page: str) -> Answer:
        """Send a form with one file, with the hidden fields of its page.

        Args:
            path: where to.
            data: what was typed.
            field: the file field's name.
            name: the file's name.
            content: its bytes.
            page: the page that shows the form, asked for first.
        """
        self.get(page)
        line = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
        parts = [f'{line}"{key}"\r\n\r\n{value}\r\n'.encode() for key, value in {**self.fields, **data}.items()]
        parts.append(f'{line}"{field}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode())
        parts += [content, f"\r\n--{BOUNDARY}--\r\n".encode()]
        return self._request("POST", path, b"".join(parts), f"multipart/form-data; boundary={BOUNDARY}")

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _request(self, method: str, path: str, body: str | bytes | None, content_type: str = FORM) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = content_type
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        started_at = time.monotonic()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            content = response.read()
            text = content.decode("utf-8", "replace")
        except Exception:
            self.close()
            raise
        for header in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        self._remember(text)
        location = urlsplit(response.headers.get("Location", ""))
        return Answer(
            response.status,
            text,
            int(response.headers.get("X-Gigneo-Revision") or 0),
            location.path + (f"?{location.query}" if location.query else ""),
            started_at,
            time.monotonic(),
            content,
        )

    def _remember(self, text: str) -> None:
        for tag in _HIDDEN.findall(text):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if "name" in attributes:
                self.fields[attributes["name"]] = unescape(attributes.get("value", ""))
