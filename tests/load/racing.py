"""The races between two actions on one order: exactly one wins, the other person is told what happened."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gigneo.hooks import OrderFacts
from gigneo.testing.http import Answer
from tests.load.actions import ACTIONS, BY_TIME, Action
from tests.load.contending import Contender, Contest
from tests.load.gates import until
from tests.load.judging import happened_once, history
from tests.load.sending import explains, is_done
from tests.load.trading import DUE, new_key

PAIRS: Final[tuple[tuple[str, str, str], ...]] = (
    ("delivered", "approve", "cancel"),
    ("delivered", "approve", "request_revision"),
    ("active", "deliver_final", "cancel"),
    ("asked_to_cancel", "approve_cancellation", "withdraw_cancellation"),
    ("asked_to_cancel", "reject_cancellation", "withdraw_cancellation"),
    ("asked_for_days", "accept_extension", "withdraw_extension"),
    ("last_revision", "request_revision", "request_revision"),
    ("delivered", "administrator_cancel", "approve"),
    ("delivered", "administrator_complete", "cancel"),
    ("active", "request_cancellation", "deliver_final"),
)
"""Situation, and the two actions; the two requests for a revision are two open pages of one person."""


@dataclass
class Report:
    """What came of races.

    Attributes:
        rounds: how many were run.
        winners: action → how often it won.
        uncertain: rounds in which the two did not wait for each other.
        wrong: whatever is not as it must be.
    """

    rounds: int = 0
    winners: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0
    wrong: list[str] = field(default_factory=list)


def race(contest: Contest, situation: str, names: tuple[str, str], rounds: int) -> Report:
    """Let two actions race, each coming first in every other round."""
    report, actions = Report(), [ACTIONS[name] for name in names]
    for number, order in enumerate(contest.trade.orders(situation, rounds)):
        first, second = actions if number % 2 == 0 else actions[::-1]
        answers, certain = contest.one_after_the_other(order, [contest.sender(first, order), contest.sender(second, order)])
        report.uncertain += not certain
        _judge(contest, report, order, [(first, answers[0]), (second, answers[1])])
    return report


def race_with_time(contest: Contest, rounds: int) -> Report:
    """Let an approval race the worker that completes the order because its review time is over."""
    report, approve = Report(), ACTIONS["approve"]
    for number, order in enumerate(contest.trade.orders("overdue", rounds)):
        contest.trade.forget_tasks()
        until(lambda: not contest.trade.market.rows("SELECT 1 FROM task WHERE state = 'running'"))
        person, worker = contest.sender(approve, order), Contender(*_timer(contest, order))
        contenders = [person, worker] if number % 2 == 0 else [worker, person]
        answers, certain = contest.one_after_the_other(order, contenders)
        report.uncertain += not certain
        if not until(lambda: not _state(contest, order) & {"waiting", "running"}, 30):  # noqa: B023
            report.wrong.append(f"the timer of {order.number} is not over")
        by_time = Counter(history(contest.trade, order))["completed_by_time"] == 1
        _judge(contest, report, order, [(approve, answers[contenders.index(person)])], BY_TIME["complete"] if by_time else None)
    return report


def submit_twice(contest: Contest, action: Action, rounds: int) -> Report:
    """Let one form be sent twice at once, as by a double click: it is done once, and answered as done twice."""
    report = Report()
    for order in contest.trade.orders(action.situation, rounds):
        key = new_key()
        senders = [contest.sender(action, order, key), contest.sender(action, order, key)]
        answers, certain = contest.one_after_the_other(order, senders)
        report.rounds += 1
        report.uncertain += not certain
        report.winners[action.name] += 1
        report.wrong += [f"{action.name}: a double click was answered with {a.status}" for a in answers if a and not is_done(a)]
        report.wrong += happened_once(contest.trade, action, order)
    return report


def _judge(
    contest: Contest, report: Report, order: OrderFacts, sent: list[tuple[Action, Answer | None]], other: Action | None = None
) -> None:
    """Hold the answers against what the order has become; ``other`` is a winner who sent no form."""
    report.rounds += 1
    winners = [action for action, answer in sent if answer is not None and is_done(answer)] + ([other] if other else [])
    names = [action.name for action, _ in sent]
    if len(winners) != 1:
        report.wrong.append(f"{names} on {order.number}: {[answer.status for _, answer in sent if answer]}")
        return
    winner = winners[0]
    report.winners[winner.name] += 1
    report.wrong += happened_once(contest.trade, winner, order)
    for action, answer in sent:
        if answer is not None and not is_done(answer):
            report.wrong += explains(answer, action, winner)


def _timer(contest: Contest, order: OrderFacts) -> tuple[Callable[[], None], Callable[[], bool]]:
    """Return what lets an order's timer be due, and what says whether a worker has taken it."""
    return (
        lambda: contest.trade.change_at_the_gate(DUE, key=f"orders.timer:complete:{order.id}"),
        lambda: "running" in _state(contest, order),
    )


def _state(contest: Contest, order: OrderFacts) -> set[str]:
    rows = contest.trade.market.rows("SELECT state FROM task WHERE key = :key", key=f"orders.timer:complete:{order.id}")
    return {row[0] for row in rows}
