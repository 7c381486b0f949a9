"""What the next-step panel, the progress and the lists say: whose turn it is, what happens next and when, as data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gigneo.api import gettext as _
from gigneo.api import isolated, ngettext
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.decisions import Choices, turn_of
from gigneo.plugins.orders.lists import ListRow
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.situations import SITUATIONS, WORDS, Situation
from gigneo.plugins.orders.states import CANCELLED, DELIVERED, IN_REVISION, OPEN, PENDING, STATES
from gigneo.plugins.orders.timers import upcoming
from gigneo.plugins.orders.wording import fill, values_of


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
    situation = situation_of(facts, role)
    words = situation.words if situation is not None else WORDS[facts.state, role]
    values = values_of(facts, **_first_names(facts))
    then: list[tuple[str, str, datetime | None]] = []
    if facts.undeliverable_at is not None and _time_left(facts):
        left = _span(_time_left(facts))
        then.append(("clock", _("The time to deliver stands still; %(left)s are left when it goes on.", left=left), None))
    elif facts.state in OPEN and facts.due_at is not None and facts.on_time is None:
        late = facts.due_at < at
        said = _("The final delivery was due") if late else _("The final delivery is due")
        then.append(("alert" if late else "clock", said, facts.due_at))
    if facts.state == PENDING:
        then.append(("clock", _due_after_payment(facts.days), None))
    then += [("clock", fill(said, values), due) for said, due in upcoming(facts)]
    if facts.review_left_seconds is not None:
        left = _span(timedelta(seconds=facts.review_left_seconds))
        then.append(("clock", _("The review time stands still; %(left)s are left when it goes on.", left=left), None))
    if facts.request("administrator") is not None:
        then.append(("person", _("The administrator was asked, and will look at this order."), None))
    then += [(icon, fill(text, values), None) for icon, text in words.then]
    if facts.holds:
        return Outlook(_("This order is on hold"), str(facts.holds[0].reason), tuple(then), False, True)
    mine = situation.mine if situation is not None else choices.turn == role
    return Outlook(fill(words.title, values), fill(words.text, values), tuple(then), mine, False)


def situation_of(order: OrderFacts, role: str) -> Situation | None:
    """Return what one side should know before the order's state, if there is something."""
    kinds = [request.kind for request in order.requests] + (["draft"] if order.draft_at is not None else [])
    found = [SITUATIONS[kind, role] for kind in kinds if (kind, role) in SITUATIONS]
    return next((one for one in found if one.mine), found[0] if found and order.state in OPEN else None)


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
        soon: whether it is less than a day away.
    """

    turn: str
    mine: bool
    when: str
    at: datetime | None
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
        return RowWords(_("On hold"), False, "", None, row.is_late(at))
    asked = SITUATIONS.get((row.asked, role)) if row.asked is not None and row.state in OPEN else None
    mine = asked.mine if asked is not None else turn_of(row.state) == role and not STATES[row.state].working
    late = row.is_late(at)
    when, moment = "", row.finished_at
    if row.state == DELIVERED:
        when, moment = _("delivered"), row.delivered_at
    elif row.state in OPEN:
        when = _("Late, was due") if late else _("due")
        moment = row.due_at if late or (row.due_at is not None and row.due_at > at) else None
    words = asked.words if asked is not None else WORDS[row.state, role]
    return RowWords(fill(words.turn, names), mine, when, moment, late, row.is_due_soon(at))


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
            return _("delivered %(span)s early", span=_span(gap)), ""
        return _("delivered %(span)s late", span=_span(-gap)), "bad"
    if facts.undeliverable_at is not None and _time_left(facts):
        return _("stands still, %(span)s left", span=_span(_time_left(facts))), ""
    if facts.due_at < at:
        return _("%(span)s late", span=_span(at - facts.due_at)), "bad"
    return _("in %(span)s", span=_span(facts.due_at - at)), ""


def _time_left(order: OrderFacts) -> timedelta:
    """Return what is left of the time to deliver, for an order on which it stands still; nothing when it was over before."""
    if order.undeliverable_at is None or order.due_at is None or order.on_time is not None or order.state not in OPEN:
        return timedelta(0)
    return max(timedelta(0), order.due_at - order.undeliverable_at)


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
    if mine and (order.requests or not STATES[order.state].working):
        return _("%(state)s, waiting for you", state=STATES[order.state].label)
    return str(STATES[order.state].label)
