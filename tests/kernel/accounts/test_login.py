"""Logging in and out: log-ins are rows, tokens are new each time, and a copied cookie dies."""

from datetime import timedelta

import pytest
from sqlmodel import select

from gigneo.core.accounts.models import Login
from gigneo.core.accounts.people import hash_of


def test_a_log_in_opens_the_dashboard_and_keeps_nothing_but_a_token_in_the_cookie(runtime, browser, ada):
    answer = browser.log_in(ada.email)
    assert (answer.status_code, answer.location) == (302, "/dashboard")
    assert browser.get("/dashboard").text == "dashboard of Ada"
    with runtime.site.app.test_request_context(headers={"Cookie": f"gigneo={browser.token_cookie}"}):
        from flask import session

        assert set(session) <= {"_user_id", "_permanent", "csrf_token"}
        with runtime.read() as reading:
            row = reading.exec(select(Login)).one()
        assert row.token_hash == hash_of(session["_user_id"])
        assert (row.user_id, row.revoked_at) == (ada.id, None)
