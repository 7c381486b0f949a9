"""The right person and nobody else: each row of the table by real actions, in the bell and by mail through a real server."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from gigneo.core.refusals import Refused
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.notifications.conftest import Line, Told
from tests.plugins.notifications.stories import Story
from tests.plugins.notifications.told import COLUMNS, TABLE
from tests.plugins.orders.conftest import Market

NAMES = dict(zip(COLUMNS, ("jonas", "mara", "ada", "gus", "theo"), strict=True))
Row = tuple[str, str]
Others = tuple[Someone, Someone]
ONE_STEP = {
    "disputes.opened": "disputes.to_settle",
    "disputes.to_settle": "disputes.opened",
    "jobs.declined": "orders.order_paid",
}
"""What one step tells beside the kind of its row; that has a row of its own."""


@pytest.fixture
def others(people: Callable[..., Someone]) -> Others:
    """Make everybody who is no party, and return the administrator who acts and the freelancer who isn't hired."""
    people("administrator", name="gus")
    rival = people("employer", "freelancer", name="theo")
    return people("administrator", name="ada"), rival


def last_step(market: Market, told: Told, others: Others, row: Row, suspended: list[str]) -> tuple[list[Line], list[Line]]:
    """Take a row's last step while some accounts are suspended; return what the bells and the mails then tell about it."""
    act, who = row
    story = Story(market, *others)
    story.begin(act)
    told.news()
    suspend(market, suspended, active=False)
    story.do(act, who)
    news = told.news()
    suspend(market, suspended, active=True)
    beside = ONE_STEP.get(TABLE[row][0])
    bells, mails = ([line for line in lines if line[2] in story.places and line[1] != beside] for lines in news)
    return bells, mails


def suspend(market: Market, names: list[str], *, active: bool) -> None:
    with market.runtime.write() as session:
        for name in names:
            values = {"active": active, "email": f"{name}@people.example"}
            session.execute(text("UPDATE account_user SET active = :active WHERE email = :email"), values)


def told_by(row: Row) -> list[str]:
    """Return the names of those whom the table says."""
    return [NAMES[who] for who, mark in zip(COLUMNS, TABLE[row][1].split(), strict=True) if mark == "+"]


@both_databases
def test_each_thing_tells_whom_the_table_says_and_nobody_else(market: Market, told: Told, others: Others) -> None:
    failures = []
    for row in TABLE:
        expected = sorted((name, TABLE[row][0]) for name in told_by(row))
        for channel, lines in zip(("bell", "mail"), last_step(market, told, others, row, []), strict=True):
            if [line[:2] for line in lines] != expected:
                failures.append(f"{row} by {channel}: {lines}, not {expected}")
    assert not failures, "\n".join(failures)


def test_a_suspended_person_is_told_nothing(market: Market, told: Told, others: Others) -> None:
    failures, refused = [], []
    for row in TABLE:
        suspended = told_by(row)
        try:
            if suspended and (found := last_step(market, told, others, row, suspended)) != ([], []):
                failures.append(f"{row}: {found}")
        except Refused:
            refused.append(row)
            suspend(market, suspended, active=True)
    assert not failures, "\n".join(failures)
    assert refused == [("propose", "freelancer"), ("hire", "employer")], "who is suspended is neither proposed to nor hired"
