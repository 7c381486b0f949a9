"""Logs: one line per event, with the request's id, without secrets and without orders to a terminal."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gigneo.core.config import LogSection
from gigneo.core.logs import configure_logs, new_request_id, request_id

NASTY = "first\nsecond\r\x1b[2J\u2028\u202e\x9bend"


@pytest.fixture(params=["text", "json"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(LogSection(format=request.param, level="info"), stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def test_an_event_is_one_line_whatever_is_in_it(lines: io.StringIO) -> None:
    log = structlog.get_logger("gigneo.test")
    log.info(NASTY, said=NASTY, inside={"deep": [NASTY]})
    logging.getLogger("another.library").warning("it says %s", NASTY)
    try:
        raise ValueError(NASTY)
    except ValueError:
        log.exception("it failed", plugin="tips")
    written = lines.getvalue()
    assert len(written.splitlines()) == 3
    assert not set(written) & set("\r\x1b\u2028\u202e\x9b")
    assert "ValueError" in written
    assert "another.library" in written


def test_secrets_are_hidden_by_their_names_and_in_urls(lines: io.StringIO) -> None:
    structlog.get_logger("gigneo.test").info(
        "opened",
        password="hunter2",
        csrf_token="hunter2",
        headers={"Authorization": "Bearer hunter2", "Set-Cookie": "session=hunter2"},
        url="postgresql://root:hunter2@db.example/gigneo",
    )
    logging.getLogger("another.library").warning("can't reach smtp://me:hunter2@mail.example:25 now")
    assert "hunter2" not in lines.getvalue()
    assert "db.example" in lines.getvalue()


def test_every_line_of_a_request_carries_its_id(lines: io.StringIO) -> None:
    assert request_id() is None
    chosen = new_request_id()
    assert request_id() == chosen
    structlog.get_logger("gigneo.test").info("one")
    logging.getLogger("another.library").warning("two")
    assert all(chosen in line for line in lines.getvalue().splitlines())
    assert new_request_id("a-proxy-chose-this") == "a-proxy-chose-this"
    assert new_request_id("forged\nline of a log") != "forged\nline of a log"


def test_debug_is_silent_at_info(lines: io.StringIO) -> None:
    structlog.get_logger("gigneo.test").debug("nothing")
    assert lines.getvalue() == ""


def test_machines_get_json(lines: io.StringIO) -> None:
    structlog.get_logger("gigneo.test").info("placed", order="G-1", amount_minor=100)
    [line] = lines.getvalue().splitlines()
    if line.startswith("{"):
        event = json.loads(line)
        assert (event["event"], event["order"], event["amount_minor"], event["level"]) == ("placed", "G-1", 100, "info")
    else:
        assert "placed" in line
        assert "order=G-1 amount_minor=100" in line
