"""What each action changes in the modelled order, once it is allowed. From the product's rules only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.plugins.orders.model import (
    CLEARING,
    OPEN,
    REVIEW,
    REVIEW_EXTENSION,
    SILENCE,
    Cancellation,
    Order,
    Purse,
    Record,
    commission_of,
)


@dataclass
class Model:
    """An order, the wallets, the freelancer's record, and the time."""

    now: datetime
    purse: Purse
    order: Order
    record: Record = field(default_factory=Record)

    def take(self, action: str, *, days: int = 0, amount: int = 0) -> None:
        """Take a step that is allowed. Each is one fact: one activity, and one version unless it is only noted."""
        getattr(self, f"_{action}")(**({"days": days} if days else {}), **({"amount": amount} if amount else {}))
        self.order.version += action not in {"remind", "mark_late"}
        self.order.activities += 1
        self.order.mind_the_clock(self.now)

    # ---------------------------------------------------------------------------------------------------- money and ends

    def _pay(self) -> None:
        order = self.order
        self.purse.employer -= order.price
        self.purse.escrow += order.price
        order.state, order.due_at = "active", self.now + timedelta(hours=24 * order.days)

    def _end(self, state: str, by: str | None = None) -> None:
        order = self.order
        if order.state in OPEN:
            self.record.ended.append((self.now, state, by))
        order.state, order.finished_at, order.cancelled_by = state, self.now, by
        order.cancellation, order.extension_days, order.administrator_asked, order.draft = None, None, False, False
        order.end_review()
        order.due_left = None

    def _drop(self) -> None:
        self._end("cancelled", "employer")

    def _expire(self) -> None:
        self._end("cancelled", "system")

    def _give_back(self) -> None:
        self.purse.employer += self.purse.escrow
        self.purse.escrow = 0

    def _cancel(self) -> None:
        self._give_back()
        self._end("cancelled", "freelancer")

    _cancel_late = _cancel

    def _approve_cancellation(self) -> None:
        self._give_back()
        self._end("cancelled", "agreement")

    def _settle_holds(self) -> None:
        """Lift what stands in the way; each hold that is lifted is told."""
        self.order.activities += len(self.order.holds)
        self.order.holds.clear()

    def _administrator_cancel(self) -> None:
        self._give_back()
        self._settle_holds()
        self._end("cancelled", "administrator")

    def _complete(self) -> None:
        kept = commission_of(self.order.price)
        self.purse.clearing += self.purse.escrow - kept
        self.purse.platform += kept
        self.purse.escrow = 0
        self.order.clears_at = self.now + CLEARING
        self._end("completed")

    _approve = _complete

    def _administrator_complete(self) -> None:
        self._settle_holds()
        self._complete()

    def _administrator_refund(self, amount: int) -> None:
        """Split what is clearing: the released part pays commission at the frozen rate; the rest is the employer's."""
        order = self.order
        released = order.price - order.refunded - amount
        kept = commission_of(released)
        payout = released - kept
        self.purse.employer += amount
        self.purse.platform += kept - (order.price - order.refunded - self.purse.clearing)
        self.purse.clearing = payout
        order.refunded += amount
        self._settle_holds()

    def clear(self) -> None:
        """The clearing period is over: what was clearing is the freelancer's."""
        self.purse.freelancer += self.purse.clearing
        self.purse.clearing = 0

    # ---------------------------------------------------------------------------------------------- the work and its review

    def _deliver_draft(self) -> None:
        self.order.draft = True

    def _give_feedback(self) -> None:
        self.order.draft = False

    def _deliver_final(self) -> None:
        order = self.order
        assert order.due_at is not None
        if order.on_time is None:
            order.on_time = self.now <= order.due_at
        order.state, order.draft, order.extension_days, order.reminded = "delivered", False, None, False
        order.review_until, order.review_left, order.review_extended = self.now + REVIEW, None, False
        order.review_stopped = order.cancellation is not None
        if order.cancellation is not None:
            order.cancellation.stops_review = True

    def _request_revision(self) -> None:
        self.order.state = "in_revision"
        self.order.revisions_used += 1
        self.order.end_review()

    def _extend_review(self) -> None:
        order = self.order
        order.review_extended, order.reminded = True, False
        if order.review_until is not None:
            order.review_until += REVIEW_EXTENSION
        if order.review_left is not None:
            order.review_left += REVIEW_EXTENSION

    def _remind(self) -> None:
        self.order.reminded = True

    def _mark_late(self) -> None:
        self.order.late = True

    # ----------------------------------------------------------------------------------------------------------- requests

    def _request_extension(self, days: int) -> None:
        self.order.extension_days = days

    def _withdraw_extension(self) -> None:
        self.order.extension_days = None

    _decline_extension = _withdraw_extension

    def _accept_extension(self) -> None:
        order = self.order
        assert order.extension_days is not None
        if order.due_at is not None:
            order.due_at += timedelta(hours=24 * order.extension_days)
        if order.due_left is not None:
            order.due_left += timedelta(hours=24 * order.extension_days)
        order.extension_days = None
        if order.due_at is None or order.due_at > self.now:
            order.late = False

    def _request_cancellation(self) -> None:
        order = self.order
        stops = order.state == "delivered" and not order.review_stopped
        order.review_stopped = order.review_stopped or stops
        order.cancellation = Cancellation(self.now + SILENCE, stops)

    def _withdraw_cancellation(self) -> None:
        self.order.cancellation = None

    def _reject_cancellation(self) -> None:
        self.order.cancellation, self.order.refused = None, True

    def _note_silence(self) -> None:
        assert self.order.cancellation is not None
        self.order.cancellation.silent = self.order.refused = True

    def _ask_administrator(self) -> None:
        self.order.administrator_asked = True

    def _administrator_answer(self) -> None:
        self.order.administrator_asked = False

    def hold(self, hold_id: int, actions: frozenset[str]) -> None:
        """A module blocks some actions, and the time."""
        self.order.holds[hold_id] = actions
        self._noted()

    def lift(self, hold_id: int) -> None:
        del self.order.holds[hold_id]
        self._noted()

    def _noted(self) -> None:
        self.order.version += 1
        self.order.activities += 1
        self.order.mind_the_clock(self.now)
