"""The one action without an order: a checkout, sent twice at once, and at a server that dies over it."""

from collections import Counter

from gigneo.testing.http import Answer, Person
from tests.load.contending import Contender, Contest, all_at_once
from tests.load.dying import ROLLED_BACK, Ward, nobody_answers
from tests.load.judging import everything, violations
from tests.load.sending import is_done
from tests.load.trading import Trade, new_key
from tests.load.twice import Report


def buy(trade: Trade, person: Person, key: str) -> Answer:
    """Open the checkout of a package, and buy it."""
    return person.post(trade.checkout, {"form_key": key}, page=trade.checkout)


def buy_twice_at_once(contest: Contest, count: int) -> Report:
    """Send the form of a checkout twice at once: one order each, whoever answers first."""
    report, before = Report(), _placed(contest.trade)
    for _ in range(count):
        key, people = new_key(), [contest.person("employer") for _ in range(2)]
        buyers = [Contender(lambda person=person: buy(contest.trade, person, key)) for person in people]  # type: ignore[misc]  # noqa: B023
        answers, _certain = all_at_once(contest.gate, [], buyers)
        report.orders += 1
        told = Counter(answer.location if is_done(answer) else str(answer.status) for answer in answers if answer is not None)
        report.same += len(told) == 1
        if len(told) != 1:
            report.wrong.append(f"one form was answered in two ways: {told}")
    if (made := _placed(contest.trade) - before) != count:
        report.wrong.append(f"{count} forms made {made} orders")
    return report


def buy_and_die(ward: Ward, point: str) -> None:
    """Let somebody buy at a server that dies there; look, and let them send the form again."""
    key, before, placed = new_key(), everything(ward.trade), _placed(ward.trade)
    server = ward.mortal(point)
    try:
        answer = nobody_answers(lambda: buy(ward.trade, ward.trade.person("employer", server.port), key))
    finally:
        server.kill()
    if answer is not None:
        ward.wrong.append(f"{point}, place: it was answered with {answer.status}")
    ward.deaths += 1
    if point in ROLLED_BACK and before != everything(ward.trade):
        ward.wrong.append(f"{point}, place: something is left")
    ward.wrong += violations(ward.trade)
    with ward.after_the_restart() as living:
        again = [buy(ward.trade, ward.trade.person("employer", living.port), key) for _ in range(2)]
    if {answer.status for answer in again} != {303} or len({answer.location for answer in again}) != 1:
        ward.wrong.append(f"{point}, place: sent again: {[(answer.status, answer.location) for answer in again]}")
    if (made := _placed(ward.trade) - placed) != 1:
        ward.wrong.append(f"{point}, place: {made} orders")
    ward.wrong += violations(ward.trade)


def _placed(trade: Trade) -> int:
    return int(trade.market.rows("SELECT count(*) FROM orders_order")[0][0])
