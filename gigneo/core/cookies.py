"""The signed session cookie, as Flask keeps it; a signature that was found good once is not computed again."""

import time
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

KEPT: Final = 1024


class SignedCookies(SecureCookieSessionInterface):
    """Opens and saves the session of one application; its secret key does not change as long as the site lives."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None
        self._proven: Final = lru_cache(maxsize=KEPT)(self._prove)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and checks the cookie."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; one that is missing, forged or too old is an empty session."""
        if self.get_signing_serializer(app) is None:
            return None
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return self.session_class()
        try:
            values, signed_at = self._proven(cookie)
        except BadSignature:
            return self.session_class()
        age_seconds = int(time.time()) - signed_at
        if not 0 <= age_seconds <= app.permanent_session_lifetime.total_seconds():
            return self.session_class()
        return self.session_class(deepcopy(values) if any(isinstance(each, (list, dict)) for each in values.values()) else values)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie when it has changed; most requests only read it."""
        if self.should_set_cookie(app, session) or session.modified or response.headers.get("Vary") != "Cookie":
            super().save_session(app, session, response)

    def _prove(self, cookie: str) -> tuple[dict[str, Any], int]:
        assert self._serializer is not None
        values, signed_at = self._serializer.loads(cookie, return_timestamp=True)
        return values, int(signed_at.timestamp())
