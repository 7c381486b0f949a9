"""What the next-step panel, the progress and the lists say: whose turn it is, what happens next and when, as data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from gigneo.api import fmt, isolated, ngettext
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.decisions import Choices, turn_of
from gigneo.plugins.orders.endings import Said, money_words
from gigneo.plugins.orders.lists import ListRow
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.situations import WORDS, asked_as, situation_of
from gigneo.plugins.orders.states import CANCELLED, FINISHED, IN_REVISION, OPEN, PENDING, STATES
from gigneo.plugins.orders.timers import upcoming
from gigneo.plugins.orders.wording import fill, values_of
from gigneo.plugins.wallet.api import OrderPurse


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
    then: tuple[Said, ...]
    mine: bool
    held: bool


def outlook(order: OrderHeader, role: str, choices: Choices, at: datetime, purse: OrderPurse | None = None) -> Outlook:
    """Say what the viewer should know next.

    Args:
        order: the order.
        role: the viewer's role.
        choices: what is offered to the viewer.
        at: the present.
        purse: where the money of an order is that is over; ``None`` for one that was never paid.
    """
    facts = order.facts
    situation = situation_of(facts.state, role, map(asked_as, facts.requests), facts.draft_at is not None)
    words = situation.words if situation is not None else WORDS[facts.state, role]
    values = values_of(facts, **_first_names(facts))
    then: list[Said] = []
    if facts.undeliverable_at is not None and _time_left(facts):
        left = fmt.span(_time_left(facts))
        then.append(("clock", _("The time to deliver stands still, with %(left)s left when it goes on.", left=left), None))
    elif facts.state in OPEN and facts.due_at is not None and facts.on_time is None:
        late = facts.due_at < at
        said = _("The final delivery was due") if late else _("The final delivery is due")
        then.append(("alert" if late else "clock", said, facts.due_at))
    if facts.state == PENDING:
        then.append(("clock", _due_after_payment(facts.days), None))
    then += [("clock", fill(said, values), due) for said, due in upcoming(facts)]
    if facts.review_left_seconds is not None:
        left = fmt.span(timedelta(seconds=facts.review_left_seconds))
        then.append(("clock", _("The review time stands still, with %(left)s left when it goes on.", left=left), None))
    then += _told(facts)
    then += [(icon, fill(text, values), None) for icon, text in words.then]
    if facts.holds:
        return Outlook(_("This order is on hold"), str(facts.holds[0].reason), tuple(then), False, True)
    mine = situation.mine if situation is not None else choices.turn == role
    text = fill(words.text, values)
    if facts.state in FINISHED:
        money, more = money_words(facts, role, purse, _first_names(facts), at)
        text, then = f"{money} {text}".rstrip(), [*more, *then]
    return Outlook(fill(words.title, values), text, tuple(then), mine, False)


def _told(order: OrderFacts) -> list[Said]:
    """Say what the administrator knows of an order, and since when."""
    asked, waiting, told = order.request("administrator"), order.request("cancellation"), list[Said]()
    if waiting is not None and waiting.silent_at is not None:
        told.append(("person", _("The administrator was told that nobody answered the cancellation request:"), waiting.silent_at))
    if asked is not None:
        told.append(("person", _("The administrator was asked, and will look at this order:"), asked.asked_at))
    return told


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


_PLACED, _IN_PROGRESS, _IN_REVISION, _DELIVERED = _l("Placed"), _l("In progress"), _l("In revision"), _l("Delivered")
_COMPLETED, _CANCELLED = _l("Completed"), _l("Cancelled")


def progress(order: OrderHeader) -> tuple[ProgressStep, ...]:
    """Return the steps Placed, In progress, Delivered, Completed, with the revision loop visible."""
    facts = order.facts
    used = facts.revisions_used
    loop = ngettext("%(num)s revision", "%(num)s revisions", used) if used else ""
    reached = STATES[facts.state].step
    if facts.state == CANCELLED:
        reached = 2 if facts.delivered_at else 1 if facts.started_at else 0
    last = _CANCELLED if facts.state == CANCELLED else _COMPLETED
    steps = (
        (_PLACED, facts.placed_at, ""),
        (_IN_REVISION if facts.state == IN_REVISION else _IN_PROGRESS, None if loop else facts.started_at, loop),
        (_DELIVERED, facts.delivered_at if reached >= 2 else None, ""),
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
        when: what happened or is due, and when; may be empty.
        late: whether the due date is over.
        soon: whether it is less than a day away.
    """

    turn: str
    mine: bool
    when: Markup
    late: bool
    soon: bool = False


def row_words(row: ListRow, role: str, at: datetime) -> RowWords:
    """Say whose turn it is in a list's row.

    Args:
        row: the order.
        role: the viewer's role.
        at: the present.
    """
    names = _first_names(row)
    if row.held:
        return RowWords(_("On hold"), False, escape(""), row.is_late(at))
    asked = situation_of(row.state, role, row.asked, row.draft_at is not None)
    mine = asked.mine if asked is not None else turn_of(row.state) == role and not STATES[row.state].working
    words = asked.words if asked is not None else WORDS[row.state, role]
    return RowWords(fill(words.turn, names), mine, _when(row, at), row.is_late(at), row.is_due_soon(at))


def _when(row: ListRow, at: datetime) -> Markup:
    """Say what the time of a list's row means; the due date is met, or missed, by the first final delivery."""
    said, moment = "%(when)s", row.finished_at
    if row.state in OPEN and row.on_time is not None:
        said, moment = _("delivered %(when)s"), row.delivered_at
    elif row.state in OPEN:
        said, moment = (_("late, was due %(when)s") if row.is_late(at) else _("due %(when)s")), row.due_at
    return escape("") if moment is None else escape(said) % {"when": fmt.current().relative_element(moment)}


def _first_names(order: OrderFacts | ListRow) -> dict[str, str]:
    """Return the two people as one speaks of them."""
    return {
        "employer": isolated((order.employer_name.split() or ["?"])[0]),
        "freelancer": isolated((order.freelancer_name.split() or ["?"])[0]),
    }


def due_words(order: OrderHeader, at: datetime) -> tuple[str, str]:
    """Return what the page's header says about the due date, and its tone: ``bad`` when late, else nothing."""
    facts = order.facts
    if facts.due_at is None or facts.state == CANCELLED:
        return "", ""
    if facts.first_delivered_at is not None:
        gap = facts.due_at - facts.first_delivered_at
        if facts.on_time:
            return _("delivered %(span)s early", span=fmt.span(gap)), ""
        return _("delivered %(span)s late", span=fmt.span(-gap)), "bad"
    if facts.undeliverable_at is not None and _time_left(facts):
        return _("stands still, %(span)s left", span=fmt.span(_time_left(facts))), ""
    if facts.due_at < at:
        return _("%(span)s late", span=fmt.span(at - facts.due_at)), "bad"
    return _("in %(span)s", span=fmt.span(facts.due_at - at)), ""


def _time_left(order: OrderFacts) -> timedelta:
    """Return what is left of the time to deliver, for an order on which it stands still; nothing when it was over before."""
    if order.undeliverable_at is None or order.due_at is None or order.on_time is not None or order.state not in OPEN:
        return timedelta(0)
    return max(timedelta(0), order.due_at - order.undeliverable_at)


def state_words(order: OrderFacts, mine: bool) -> str:
    """Return what the badge of the order page says: the state, and who it waits for when that is the viewer."""
    if order.holds:
        return _("%(state)s, on hold", state=STATES[order.state].label)
    if mine and order.state == PENDING:
        return _("Waiting for your payment")
    if mine and (order.requests or not STATES[order.state].working):
        return _("%(state)s, waiting for you", state=STATES[order.state].label)
    return str(STATES[order.state].label)


def flag_words(order: OrderFacts) -> str:
    """Return what the badge of a flagged order says: that the administrator was asked, or told of a silence; else nothing."""
    asked = order.request("cancellation")
    if order.request("administrator") is not None:
        return _("Administrator asked")
    return _("Administrator told") if asked is not None and asked.silent_at is not None else ""
