"""What is said to each side: in each state, and when something was asked beside it. Words only; they decide nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import RequestFacts
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
)

_ESCROW_STAYS: Final = (
    "wallet",
    _l("%(total)s stay in escrow until you approve the final delivery, or the time to review it (%(review_time)s) runs out."),
)
_DELIVERED_STAYS: Final = _l("What was delivered stays here.")
_PAYOUT: Final = (
    "wallet",
    _l("When %(employer)s approves the final delivery, or the review time runs out, %(payout)s clear for your wallet."),
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to one role in one state; names and amounts are filled in.

    Attributes:
        title: heading of the next-step panel.
        text: what that means; of an order that is over, :mod:`endings` says first where the money is.
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
            _l(
                "%(total)s go into escrow. They stay there until you approve the final delivery, or the time to review it"
                " (%(review_time)s) runs out."
            ),
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
            (_ESCROW_STAYS,),
        ),
        (ACTIVE, FREELANCER): Words(
            _l("Your turn: do the work"),
            _l("Share a draft when you want feedback, and the final delivery when it is finished."),
            _l("You are working"),
            (_PAYOUT,),
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
            (
                (
                    "wallet",
                    _l("When %(employer)s approves, %(payout)s clear for your wallet: %(price)s less %(commission)s commission."),
                ),
            ),
        ),
        (IN_REVISION, EMPLOYER): Words(
            _l("%(freelancer)s is making your changes"),
            _l("There is nothing for you to do until the next delivery."),
            _l("%(freelancer)s revises"),
            (_ESCROW_STAYS,),
        ),
        (IN_REVISION, FREELANCER): Words(
            _l("Your turn: make the changes"),
            _l("%(employer)s said what should change. Make the changes and deliver again."),
            _l("Your turn: revise"),
            (_PAYOUT,),
        ),
        (COMPLETED, EMPLOYER): Words(_l("This order is completed"), _DELIVERED_STAYS, _l("Completed")),
        (COMPLETED, FREELANCER): Words(_l("This order is completed"), _DELIVERED_STAYS, _l("Completed")),
        (CANCELLED, EMPLOYER): Words(_l("This order was cancelled"), "", _l("Cancelled")),
        (CANCELLED, FREELANCER): Words(_l("This order was cancelled"), "", _l("Cancelled")),
    }
)


@dataclass(frozen=True, slots=True)
class Situation:
    """Something beside the state that one side should know first.

    Attributes:
        mine: whether it is the viewer's turn because of it.
        words: what is said instead of the state's words.
    """

    mine: bool
    words: Words


_ANSWERS: Final = _l("Your turn: answer the request")
_ASKED: Final = _l("Your turn: answer the cancellation request")
_WAITS: Final = _l("%(freelancer)s answers your request")
_YOU_ASKED: Final = _l("You asked %(freelancer)s to cancel")

SITUATIONS: Final[Mapping[tuple[str, str], Situation]] = MappingProxyType(
    {
        ("cancellation", FREELANCER): Situation(
            True,
            Words(
                _ASKED,
                _l(
                    "%(employer)s asks to cancel this order. Agree, and everything goes back; reject, and the order goes on."
                    " Without an answer by %(answer_by)s the administrator is told, and no money moves."
                ),
                _ANSWERS,
            ),
        ),
        ("cancellation", EMPLOYER): Situation(
            False,
            Words(
                _YOU_ASKED,
                _l(
                    "Nothing is cancelled yet. Without an answer by %(answer_by)s the administrator is told, and no money moves."
                    " You can withdraw the request."
                ),
                _WAITS,
            ),
        ),
        ("cancellation_by_silence", FREELANCER): Situation(
            True,
            Words(
                _ASKED,
                _l(
                    "%(employer)s asks to cancel this order. Agree, and everything goes back; reject, and the order goes on."
                    " Without an answer by %(answer_by)s it is cancelled, as if you had agreed."
                ),
                _ANSWERS,
            ),
        ),
        ("cancellation_by_silence", EMPLOYER): Situation(
            False,
            Words(
                _YOU_ASKED,
                _l(
                    "Nothing is cancelled yet. Without an answer by %(answer_by)s the order is cancelled, and you get everything"
                    " back. You can withdraw the request before."
                ),
                _WAITS,
            ),
        ),
        ("unanswered", FREELANCER): Situation(
            True,
            Words(
                _ASKED,
                _l(
                    "The time to answer is over, so the administrator was told, and may complete or cancel the order. Until then"
                    " you can still agree or reject."
                ),
                _ANSWERS,
            ),
        ),
        ("unanswered", EMPLOYER): Situation(
            False,
            Words(
                _l("%(freelancer)s has not answered your cancellation request"),
                _l(
                    "The time to answer is over, so the administrator was told, and may complete or cancel the order. Until then"
                    " %(freelancer)s can still answer, and you can withdraw the request."
                ),
                _l("%(freelancer)s has not answered"),
            ),
        ),
        ("extension", EMPLOYER): Situation(
            True,
            Words(
                _l("Your turn: %(freelancer)s asks for more days"),
                _l("Give them or decline. The due date stays until you answer."),
                _ANSWERS,
            ),
        ),
        ("extension", FREELANCER): Situation(
            False,
            Words(
                _l("You asked for more days"),
                _l("The due date stays until %(employer)s answers. Go on working, and deliver when you are ready."),
                _l("%(employer)s answers your request"),
            ),
        ),
        ("draft", EMPLOYER): Situation(
            False,
            Words(
                _l("%(freelancer)s shared a draft"),
                _l("Look at it and say what you think. Nothing has to be approved, and no revision is used."),
                _l("%(freelancer)s is working"),
                (_ESCROW_STAYS,),
            ),
        ),
        ("draft_of_changes", EMPLOYER): Situation(
            False,
            Words(
                _l("%(freelancer)s shared a draft of your changes"),
                _l("Look at it and say what you think. Nothing has to be approved, and no further revision is used."),
                _l("%(freelancer)s revises"),
                (_ESCROW_STAYS,),
            ),
        ),
    }
)
"""What is asked, or has come, and the side that reads it → what is said."""


def asked_as(request: RequestFacts) -> str:
    """Return the name here of an open request; that of a cancellation says what silence will do, or that it did."""
    if request.kind != "cancellation":
        return request.kind
    if request.silent_at is not None:
        return "unanswered"
    return "cancellation_by_silence" if request.silence_agrees else "cancellation"


def situation_of(state: str, role: str, asked: Iterable[str], draft: bool) -> Situation | None:
    """Return what one side should know before the order's state, if there is something; first what waits for them.

    Args:
        state: of the order.
        role: of the side.
        asked: the open requests, as :func:`asked_as` names them.
        draft: whether a draft waits for feedback.
    """
    if state not in OPEN:
        return None
    kinds = [*asked, *(("draft_of_changes" if state == IN_REVISION else "draft",) if draft else ())]
    found = [SITUATIONS[kind, role] for kind in kinds if (kind, role) in SITUATIONS]
    return next((one for one in found if one.mine), found[0] if found else None)
