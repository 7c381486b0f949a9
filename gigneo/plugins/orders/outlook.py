"""What the next-step panel, the progress and the lists say: whose turn it is, what happens next and when, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.api import ngettext
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.decisions import Choices, turn_of
from gigneo.plugins.orders.lists import ListRow
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.states import (
    ACTIVE,
    CANCELLED,
    COMPLETED,
    DELIVERED,
    EMPLOYER,
    FREELANCER,
    IN_REVISION,
    OPEN,
    PENDING,
    STATES,
)
from gigneo.plugins.orders.wording import fill, values_of


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to one role in one state; names and amounts are filled in.

    Attributes:
        title: heading of the next-step panel.
        text: what that means.
        turn: the same in a list's row.
        then: what happens next, each with the symbol before it.
    """

    title: LazyText
    text: LazyText
    turn: LazyText
    then: tuple[tuple[str, LazyText], ...] = ()


WORDS: Final[Mapping[tuple[str, str], Words]] = MappingProxyType(
    {
        (PENDING, EMPLOYER): Words(
            _l("Your turn: pay the order"),
            _l("%(total)s go into escrow. Nobody can take them before you approve the delivery."),
            _l("Your turn: pay"),
            (("clock", _l("%(freelancer)s starts when it is paid.")),),
        ),
        (PENDING, FREELANCER): Words(
            _l("%(employer)s has not paid yet"),
            _l("Don't start yet: the order begins, and its clock with it, when the money is in escrow."),
            _l("%(employer)s pays"),
        ),
        (ACTIVE, EMPLOYER): Words(
            _l("%(freelancer)s is working"),
            _l("There is nothing for you to do until something is delivered."),
            _l("%(freelancer)s is working"),
            (("wallet", _l("%(total)s stay in escrow until you approve.")),),
        ),
        (ACTIVE, FREELANCER): Words(
            _l("Your turn: do the work"),
            _l("Share a draft when you want feedback, and the final delivery when it is finished."),
            _l("You are working"),
            (("wallet", _l("When %(employer)s approves the final delivery, %(payout)s are yours.")),),
        ),
        (DELIVERED, EMPLOYER): Words(
            _l("Your turn: look at the delivery"),
            _l("%(freelancer)s sent the final delivery. Approve it, or say what should change."),
            _l("Your turn: review"),
            (("wallet", _l("When you approve, %(price)s leave escrow for %(freelancer)s.")),),
        ),
        (DELIVERED, FREELANCER): Words(
            _l("%(employer)s is looking at your delivery"),
            _l("You will hear whether it is approved, or what should change."),
            _l("%(employer)s reviews"),
            (("wallet", _l("When %(employer)s approves, %(payout)s are yours: %(price)s less %(commission)s commission.")),),
        ),
        (IN_REVISION, EMPLOYER): Words(
            _l("%(freelancer)s is making your changes"),
            _l("There is nothing for you to do until the next delivery."),
            _l("%(freelancer)s revises"),
            (("wallet", _l("%(total)s stay in escrow until you approve.")),),
        ),
        (IN_REVISION, FREELANCER): Words(
            _l("Your turn: make the changes"),
            _l("%(employer)s said what should change. Make the changes and deliver again."),
            _l("Your turn: revise"),
            (("wallet", _l("When %(employer)s approves the final delivery, %(payout)s are yours.")),),
        ),
        (COMPLETED, EMPLOYER): Words(
            _l("This order is completed"), _l("You approved the delivery. Its files stay here."), _l("Completed")
        ),
        (COMPLETED, FREELANCER): Words(
            _l("This order is completed"),
            _l("%(employer)s approved the delivery. %(payout)s are on their way to your wallet."),
            _l("Completed"),
        ),
        (CANCELLED, EMPLOYER): Words(
            _l("This order was cancelled"), _l("Whatever was in escrow is back in your wallet."), _l("Cancelled")
        ),
        (CANCELLED, FREELANCER): Words(
            _l("This order was cancelled"), _l("Whatever was in escrow went back to %(employer)s."), _l("Cancelled")
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next-step panel's words.

    Attributes:
        title: its heading.
        text: what that means.
        then: what happens next: symbol, words, and the time when it is known.
        mine: whether it is the viewer's turn.
        held: whether a hold stands in the way.
    """

    title: str
    text: str
    then: tuple[tuple[str, str, datetime | None], ...]
    mine: bool
    held: bool


def outlook(order: OrderHeader, role: str, choices: Choices, at: datetime) -> Outlook:
    """Say what the viewer should know next.

    Args:
        order: the order.
        role: the viewer's role.
        choices: what is offered to the viewer.
        at: the present.
    """
    facts = order.facts
    words, values = WORDS[facts.state, role], {**values_of(facts), **_first_names(facts)}
    then: list[tuple[str, str, datetime | None]] = []
    if facts.state in OPEN and facts.due_at is not None and order.on_time is None:
        late = facts.due_at < at
        said = _("The final delivery was due") if late else _("The final delivery is due")
        then.append(("alert" if late else "clock", said, facts.due_at))
    if facts.state == PENDING:
        then.append(("clock", _due_after_payment(facts.days), None))
    then += [(icon, fill(text, values), None) for icon, text in words.then]
    if facts.holds:
        return Outlook(_("This order is on hold"), str(facts.holds[0].reason), tuple(then), False, True)
    return Outlook(fill(words.title, values), fill(words.text, values), tuple(then), choices.turn == role, False)


def _due_after_payment(days: int) -> str:
    return ngettext("The work is due %(num)s day after the payment.", "The work is due %(num)s days after the payment.", days)


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One step of the progress.

    Attributes:
        label: its name.
        at: when it was reached, if it was.
        note: what else is said of it.
        status: ``done``, ``now``, ``off`` (cancelled) or nothing.
    """

    label: LazyText
    at: datetime | None
    note: str
    status: str


def progress(order: OrderHeader) -> tuple[ProgressStep, ...]:
    """Return the steps Placed, In progress, Delivered, Completed, with the revision loop visible."""
    facts = order.facts
    used = facts.revisions_used
    loop = ngettext("%(num)s revision", "%(num)s revisions", used) if used else ""
    reached = STATES[facts.state].step
    if facts.state == CANCELLED:
        reached = 2 if facts.delivered_at else 1 if facts.started_at else 0
    last = _l("Cancelled") if facts.state == CANCELLED else _l("Completed")
    steps = (
        (_l("Placed"), facts.placed_at, ""),
        (_l("In revision") if facts.state == IN_REVISION else _l("In progress"), None if loop else facts.started_at, loop),
        (_l("Delivered"), facts.delivered_at if reached >= 2 else None, ""),
        (last, facts.finished_at, ""),
    )
    finished = facts.finished_at is not None
    cancelled = facts.state == CANCELLED
    return tuple(
        ProgressStep(label, at, note, _status(index, reached, finished, cancelled))
        for index, (label, at, note) in enumerate(steps)
    )


def _status(index: int, reached: int, finished: bool, cancelled: bool) -> str:
    if finished:
        return ("off" if cancelled else "now") if index == 3 else "done" if index <= reached else ""
    return "done" if index < reached else "now" if index == reached else ""


@dataclass(frozen=True, slots=True)
class RowWords:
    """What a list says about one order.

    Attributes:
        turn: whose turn it is, in words.
        mine: whether the viewer was asked for something.
        when: what the time below it means, in words.
        at: that time; ``None`` says nothing.
        late: whether the due date is over.
    """

    turn: str
    mine: bool
    when: str
    at: datetime | None
    late: bool


def row_words(row: ListRow, role: str, at: datetime) -> RowWords:
    """Say whose turn it is in a list's row.

    Args:
        row: the order.
        role: the viewer's role.
        at: the present.
    """
    names = _first_names(row)
    if row.held:
        return RowWords(_("On hold"), False, "", None, row.is_late(at))
    mine = turn_of(row.state) == role and not STATES[row.state].working
    late = row.is_late(at)
    when, moment = "", row.finished_at
    if row.state == DELIVERED:
        when, moment = _("delivered"), row.delivered_at
    elif row.state in OPEN:
        when = _("Late, was due") if late else _("due")
        moment = row.due_at if late or (row.due_at is not None and row.due_at > at) else None
    return RowWords(fill(WORDS[row.state, role].turn, names), mine, when, moment, late)


def _first_names(order: OrderFacts | ListRow) -> dict[str, str]:
    """Return the two people as one speaks of them."""
    return {
        "employer": (order.employer_name.split() or ["?"])[0],
        "freelancer": (order.freelancer_name.split() or ["?"])[0],
    }


def due_words(order: OrderHeader, at: datetime) -> tuple[str, str]:
    """Return what the page's header says about the due date, and its tone: ``bad`` when late, else nothing."""
    facts = order.facts
    if facts.due_at is None or facts.state == CANCELLED:
        return "", ""
    if order.first_delivered_at is not None:
        gap = facts.due_at - order.first_delivered_at
        if order.on_time:
            return _("delivered %(span)s early", span=_span(gap)), ""
        return _("delivered %(span)s late", span=_span(-gap)), "bad"
    if facts.due_at < at:
        return _("%(span)s late", span=_span(at - facts.due_at)), "bad"
    return _("in %(span)s", span=_span(facts.due_at - at)), ""


def _span(gap: timedelta) -> str:
    if gap >= timedelta(days=1):
        return ngettext("%(num)s day", "%(num)s days", gap.days)
    if gap >= timedelta(hours=1):
        return ngettext("%(num)s hour", "%(num)s hours", gap.seconds // 3600)
    return ngettext("%(num)s minute", "%(num)s minutes", max(1, gap.seconds // 60))


def state_words(order: OrderFacts, mine: bool) -> str:
    """Return what the badge of the order page says: the state, and who it waits for when that is the viewer."""
    if order.holds:
        return _("%(state)s, on hold", state=STATES[order.state].label)
    if mine and not STATES[order.state].working:
        return _("%(state)s, waiting for you", state=STATES[order.state].label)
    return str(STATES[order.state].label)
