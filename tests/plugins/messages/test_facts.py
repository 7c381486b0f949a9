"""What both sides see happen to an order stands in its conversation, in words of its own; and the history counts messages."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import EVENTS, OrderEvent
from gigneo.plugins.disputes import hooks as dispute_events
from gigneo.plugins.messages import api as messages
from gigneo.plugins.messages.facts import FACTS, VARIANTS
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.messages.conftest import Trade
from tests.plugins.notifications.stories import Story
from tests.plugins.orders.conftest import Market

TOLD = {
    ("place", "employer"): "Jonas placed the order.",
    ("pay", "employer"): "Jonas paid into escrow.",
    ("drop", "employer"): "Jonas cancelled the order.",
    ("expire", "system"): "cancelled by itself, because nobody answered in time",
    ("deliver_draft", "freelancer"): "Mara shared draft work for feedback.",
    ("give_feedback", "employer"): "Jonas gave feedback on the draft.",
    ("deliver_final", "freelancer"): "Mara submitted the final delivery.",
    ("request_revision", "employer"): "Jonas requested a revision.",
    ("extend_review", "employer"): "Jonas took more time to review.",
    ("remind", "system"): "The review time is nearly over",
    ("complete", "system"): "The review time ended without an answer. The order is completed.",
    ("approve", "employer"): "Jonas approved the delivery. The order is completed.",
    ("mark_late", "system"): "The due date is over, and nothing was finally delivered.",
    ("request_extension", "freelancer"): "Mara asked for more days.",
    ("withdraw_extension", "freelancer"): "Mara withdrew the request for more days.",
    ("accept_extension", "employer"): "Jonas gave more days.",
    ("decline_extension", "employer"): "Jonas declined the request for more days.",
    ("request_cancellation", "employer"): "Jonas asked to cancel the order.",
    ("withdraw_cancellation", "employer"): "Jonas withdrew the cancellation request.",
    ("reject_cancellation", "freelancer"): "Mara rejected the cancellation; the order goes on.",
    ("approve_cancellation", "freelancer"): "Both sides agreed to cancel the order.",
    ("silence", "system"): "Nobody answered the cancellation request in time; the administrator is told.",
    ("cancel", "freelancer"): "Mara cancelled the order.",
    ("cancel_late", "employer"): "Jonas cancelled the order.",
    ("administrator_complete", "administrator"): "The administrator completed the order.",
    ("administrator_cancel", "administrator"): "The administrator cancelled the order.",
    ("administrator_refund", "administrator"): "The administrator gave money back to Jonas.",
    ("administrator_answer", "administrator"): "The administrator answered; the order goes on.",
    ("ask_administrator", "employer"): "Jonas asked the administrator.",
    ("ask_administrator", "freelancer"): "Mara asked the administrator.",
    ("open_dispute", "freelancer"): "Mara opened a dispute.",
    ("withdraw_dispute", "employer"): "The dispute is over; the order goes on.",
    ("second_review", "freelancer"): "The reviews of this order can be read now.",
    ("attach", "employer"): "Jonas added files to the order.",
}
"""What happens, by whom → what the conversation says of it, written by hand."""
SILENT = {"reviews_written", "reviews_replied", "reviews_reported"}
"""Facts that are not both sides', or of the profile and not of the work."""


@pytest.fixture
def market(dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone]) -> Market:
    disable(runtime, "services")  # it would ask for one that is on offer
    dispatcher.refresh_now()
    made = Market(dispatcher, runtime, people("employer", name="jonas"), people("freelancer", name="mara"))
    for _ in range(2):
        made.top_up()
    return made


def conversation(page: str) -> list[str]:
    talk = page.partition('<ol class="talk"')[2].partition("</ol>")[0]
    return [line.strip() for line in re.findall(r'<li class="talk-fact"[^>]*>([^<]*)<span', talk)]


def test_each_thing_that_both_sides_see_stands_in_the_conversation_once(market: Market, people: Callable[..., Someone]) -> None:
    others = people("administrator", name="ada"), people("freelancer", name="theo")
    numbers, failures = [], []
    for act, who in TOLD:
        story = Story(market, *others)
        story.begin(act)
        story.do(act, who)
        TaskLoop(market.runtime).run_due(10_000)
        numbers.append(story.order.number)
    sides = [Browser(market.dispatcher).log_in(side.email) for side in (market.employer, market.freelancer)]  # weeks have passed
    for number, (row, words) in zip(numbers, TOLD.items(), strict=True):
        found, same = (conversation(browser.get(f"/orders/{number}/messages").text) for browser in sides)
        if sum(words in line for line in found) != 1 or found != same:
            failures.append((*row, found))
    assert not failures, "\n".join(map(str, failures))


def test_no_fact_of_an_order_is_left_without_words() -> None:
    events: list[type[OrderEvent]] = [*EVENTS, *dispute_events.EVENTS]
    assert not [event.hook for event in events if event.hook not in FACTS and event.hook not in SILENT]
    assert set(VARIANTS) <= set(FACTS)
    assert {kind.partition(":")[0] for kind in FACTS if ":" in kind} == set(VARIANTS)


@both_databases
def test_a_hold_and_its_end_stand_in_the_conversation(trade: Trade) -> None:
    order = trade.buy()
    hold = trade.do(orders.place_hold, order.id, "disputes", "Something is wrong.", ["approve"])
    trade.do(orders.lift_hold, order.id, hold)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    found = conversation(trade.employer.browser.get(f"/orders/{order.number}/messages").text)
    assert [line for line in found if "hold" in line] == ["The order was put on hold.", "A hold was lifted."]


@both_databases
def test_the_history_counts_the_messages_of_each_side_by_the_day(trade: Trade) -> None:
    order = trade.buy()
    clock: Any = trade.runtime.clock
    with clock.standing_at(clock.now().replace(hour=10)):
        for author, times in ((trade.employer, 1), (trade.freelancer, 3), (trade.employer, 1)):
            for count in range(times):
                trade.do(messages.send, order.id, author.id, f"Word {count}")
    with clock.standing_at(clock.now().replace(hour=10) + timedelta(days=1)):
        trade.do(messages.send, order.id, trade.freelancer.id, "The next day.")
    page = re.sub(r"<[^>]+>", "", trade.employer.browser.get(f"/orders/{order.number}/activity").text)
    found = re.findall(r"(You|Frida) (wrote \d messages?)", page)
    assert found == [("Frida", "wrote 1 message"), ("Frida", "wrote 3 messages"), ("You", "wrote 2 messages")]
    assert trade.facts(order.number).version == order.version, "an open page stays good"
