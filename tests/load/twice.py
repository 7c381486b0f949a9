"""Every action twice at once, on many orders: from two open pages, or by a double click of one form."""

from dataclasses import dataclass, field
from typing import Final

from gigneo.hooks import OrderFacts
from gigneo.testing.http import Answer
from tests.load.actions import Action
from tests.load.contending import Contender, Contest
from tests.load.judging import happened_once
from tests.load.sending import explains, is_done
from tests.load.trading import new_key

AT_ONCE: Final = 10
"""Orders at the gate together, two people each; fewer than a process has threads and connections for."""


@dataclass
class Report:
    """What came of it.

    Attributes:
        orders: how many were acted on, each twice.
        successes: how many of the two-page pairs were done once.
        same: how many double clicks were answered alike.
        uncertain: batches in which not everybody waited for the others.
        wrong: whatever is not as it must be.
    """

    orders: int = 0
    successes: int = 0
    same: int = 0
    uncertain: int = 0
    wrong: list[str] = field(default_factory=list)


def twice_at_once(contest: Contest, action: Action, count: int) -> Report:
    """Take an action twice at once on ``count`` orders; every other pair are two sendings of one form."""
    report = Report()
    while report.orders < count:
        orders = contest.trade.orders(action.situation, min(AT_ONCE, count - report.orders))
        senders: list[Contender] = []
        for number, order in enumerate(orders):
            keys = (new_key(), new_key()) if number % 2 else (new_key(),) * 2
            senders += [contest.sender(action, order, key) for key in keys]
        answers, certain = contest.all_at_once(orders, senders)
        report.uncertain += not certain
        report.orders += len(orders)
        for number, order in enumerate(orders):
            pair = [answer for answer in answers[2 * number : 2 * number + 2] if answer is not None]
            _judge(contest, report, action, order, pair, two_pages=bool(number % 2))
    return report


def _judge(contest: Contest, report: Report, action: Action, order: OrderFacts, pair: list[Answer], *, two_pages: bool) -> None:
    done = [answer for answer in pair if is_done(answer)]
    if two_pages:
        report.successes += len(done) == 1
        report.wrong += [fault for answer in pair if not is_done(answer) for fault in explains(answer, action, action)]
    else:
        report.same += len(done) == 2
    if len(done) != (1 if two_pages else 2):
        report.wrong.append(f"{action.name} on {order.number}: {[(answer.status, answer.text[:200]) for answer in pair]}")
    report.wrong += happened_once(contest.trade, action, order)
