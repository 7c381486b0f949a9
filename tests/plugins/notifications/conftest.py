"""A market with every module on, whose mails go to a real SMTP server, and what each person was told."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from gigneo.api import place_of
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.demo import mark_demo
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.plugins.notifications.links import read_token
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market
from tests.smtp import Server
from tests.smtp import smtp as smtp

BASE_URL = "http://work.example"


@pytest.fixture
def base_url() -> str:
    """The configured address of the site."""
    return BASE_URL


@pytest.fixture
def runtime(database: str, tmp_path: Path, smtp: Server, base_url: str) -> Iterator[Runtime]:
    environment = {
        "GIGNEO_HOME": str(tmp_path),
        "GIGNEO_DATABASE__URL": database,
        "GIGNEO_LOG__LEVEL": "error",
        "GIGNEO_SITE__BASE_URL": base_url,
        "GIGNEO_MAIL__URL": smtp.url,
    }
    ground = Runtime(load_config(environ=environment), MovableClock())
    smtp.forget()
    try:
        yield ground
    finally:
        ground.close()


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """A demo marketplace, where wallets can be filled by the sandbox."""
    with runtime.write() as session:
        mark_demo(session)
        session.execute(text("UPDATE module_state SET wanted = false WHERE name = 'services'"))  # orders come from nowhere here
    return Dispatcher(runtime)


Line = tuple[str, str, str]
"""Who was told (the local part of their address), what kind of thing, and the place that it leads to."""


@dataclass
class Told:
    """What people were told, by bell and by mail.

    Attributes:
        dispatcher: the site.
        runtime: its ground.
        smtp: where its mails arrive.
    """

    dispatcher: Dispatcher
    runtime: Runtime
    smtp: Server
    _bells: int = 0
    _mails: int = 0

    def news(self) -> tuple[list[Line], list[Line]]:
        """Run what is due; return what the bells and the mails tell that was not returned before, sorted."""
        TaskLoop(self.runtime).run_due(10_000)
        with self.runtime.read() as session:
            rows = session.execute(_SINCE, {"seen": self._bells}).all()
        self._bells = max([self._bells, *(row.id for row in rows)])
        mails, self._mails = self.smtp.mails[self._mails :], len(self.smtp.mails)
        bells = [(row.email.partition("@")[0], row.kind, row.place) for row in rows]
        return sorted(bells), sorted(self._line(receivers[0], mail) for receivers, mail in mails)

    def _line(self, receiver: str, mail: EmailMessage) -> Line:
        """Read of a mail what it tells whom: the kind stands in the token of its link, the place in its text."""
        token = mail["List-Unsubscribe"].strip("<>").rpartition("/")[2]
        with self.dispatcher.site.app.app_context():
            meant = read_token(token)
        body = mail.get_body(("plain",))
        assert meant is not None and body is not None
        [path] = re.findall(rf"{self.runtime.config.site.base_url}(/(?:orders|jobs|admin)/\S+)", body.get_content())
        return receiver.partition("@")[0], meant[1], place_of(path)


@pytest.fixture
def told(runtime: Runtime, dispatcher: Dispatcher, smtp: Server) -> Told:
    return Told(dispatcher, runtime, smtp)


@pytest.fixture
def market(dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone]) -> Market:
    """An employer who can pay, and a freelancer."""
    made = Market(dispatcher, runtime, people("employer", name="jonas"), people("freelancer", name="mara"))
    for _ in range(3):
        made.top_up()
    return made


_SINCE = text(
    "SELECT n.id, n.kind, n.place, u.email FROM notifications_notice n JOIN account_user u ON u.id = n.person_id"
    " WHERE n.id > :seen ORDER BY n.id"
)
