"""What is said to each side: in each state, and when something was asked beside it. Words only; they decide nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.orders.states import ACTIVE, CANCELLED, COMPLETED, DELIVERED, EMPLOYER, FREELANCER, IN_REVISION, PENDING


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
            _l("This order is completed"), _l("The money has left escrow. What was delivered stays here."), _l("Completed")
        ),
        (COMPLETED, FREELANCER): Words(
            _l("This order is completed"),
            _l("%(payout)s are on their way to your wallet."),
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
class Situation:
    """Something beside the state that one side should know first.

    Attributes:
        kind: of the open request, or ``draft``.
        mine: whether it is the viewer's turn because of it.
        words: what is said instead of the state's words.
    """

    kind: str
    mine: bool
    words: Words


SITUATIONS: Final[Mapping[tuple[str, str], Situation]] = MappingProxyType(
    {
        ("cancellation", FREELANCER): Situation(
            "cancellation",
            True,
            Words(
                _l("Your turn: answer the cancellation request"),
                _l("%(employer)s asks to cancel this order. Agree, and everything goes back; reject, and the order goes on."),
                _l("Your turn: answer the request"),
            ),
        ),
        ("cancellation", EMPLOYER): Situation(
            "cancellation",
            False,
            Words(
                _l("You asked %(freelancer)s to cancel"),
                _l("No money moves before the answer. You can withdraw the request."),
                _l("%(freelancer)s answers your request"),
            ),
        ),
        ("extension", EMPLOYER): Situation(
            "extension",
            True,
            Words(
                _l("Your turn: %(freelancer)s asks for more days"),
                _l("Give them or decline. The due date stays until you answer."),
                _l("Your turn: answer the request"),
            ),
        ),
        ("extension", FREELANCER): Situation(
            "extension",
            False,
            Words(
                _l("You asked for more days"),
                _l("The due date stays until %(employer)s answers. Go on working, and deliver when you are ready."),
                _l("%(employer)s answers your request"),
            ),
        ),
        ("draft", EMPLOYER): Situation(
            "draft",
            False,
            Words(
                _l("%(freelancer)s shared a draft"),
                _l("Look at it and say what you think. Nothing has to be approved, and no revision is used."),
                _l("%(freelancer)s is working"),
                (("wallet", _l("%(total)s stay in escrow until you approve.")),),
            ),
        ),
    }
)
"""What is asked, or has come, and the side that reads it → what is said."""
