"""The pages of actions as data: which use case runs, what its form asks, what is said before it happens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import fmt, isolated, ngettext, now, read, setting
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import cancelling, extending, forms, placing, requesting, reviewing, settling
from gigneo.plugins.orders.records import Rates, rates_of, with_one_more_cancelled
from gigneo.plugins.wallet import api as wallet

Lines = list[tuple[str, int, str]]
"""Amounts that a step moves: name, minor units, how it is shown."""

_MARKDOWN: Final = _l("Markdown works.")


def _none(_order: OrderFacts) -> Any:
    return ()


@dataclass(frozen=True, slots=True)
class ActionPage:
    """The page of one action: a question to say yes to, or a form.

    Attributes:
        action: the action's name, and the endpoint's.
        path: the last part of its address.
        run: the use case; called with the session, the order's id, the person's id, the form's data and ``version``.
        done: what is said when it is done; the order's page says the rest.
        form: what is asked; ``None`` when a yes is enough.
        hints: field → what is said below it.
        lead: called with the order; sentences above the form or the question.
        lines: called with the order; the amounts that move.
        request: the kind of the open request that it answers; shown on the page.
    """

    action: str
    path: str
    run: Callable[..., OrderFacts]
    form: type[Any] | None = None
    hints: Mapping[str, LazyText] = field(default_factory=dict)
    lead: Callable[[OrderFacts], tuple[str, ...]] = _none
    lines: Callable[[OrderFacts], Lines] = _none
    request: str | None = None
    done: LazyText = field(kw_only=True)


def _money_to_pay(order: OrderFacts) -> Lines:
    fee = [(_("Fee"), order.employer_fee_minor, "")] if order.employer_fee_minor else []
    return [(_("Price"), order.price_minor, ""), *fee, (_("From your wallet into escrow"), order.total_minor, "total")]


def _money_back(order: OrderFacts) -> Lines:
    return [(_("Back to %(name)s", name=isolated(order.employer_name)), order.total_minor, "total")]


def _money_released(order: OrderFacts) -> Lines:
    fee = [(_("Fee, to the platform"), order.employer_fee_minor, "")] if order.employer_fee_minor else []
    return [
        (_("Price, for %(name)s", name=isolated(order.freelancer_name)), order.price_minor, ""),
        *fee,
        (_("Leaves escrow"), order.total_minor, "total"),
    ]


def _when_released(order: OrderFacts) -> tuple[str, ...]:
    name, clearing = isolated(order.freelancer_name), wallet.clearing_time()
    if not clearing:
        return (_("The money is in the wallet of %(name)s at once.", name=name),)
    when = fmt.datetime(now() + clearing)
    return (_("The money clears first: it is in the wallet of %(name)s on %(when)s, if you approve now.", name=name, when=when),)


def _revisions_used_up(order: OrderFacts) -> tuple[str, ...]:
    left = order.revisions_left
    if left is None:
        return (_("Revisions are unlimited."),)
    if not left:
        return ()
    return (ngettext("%(num)s revision is left; this uses it.", "%(num)s revisions are left; this uses one.", left),)


def _what_it_does_to_the_rate(order: OrderFacts) -> tuple[str, ...]:
    rates = rates_of(read(), order.freelancer_id)
    then = with_one_more_cancelled(rates)
    return (
        _("Your cancellation rate goes from %(before)s to %(after)s.", before=_rate(rates), after=_rate(then)),
        _(
            "It is the orders you cancelled ÷ your paid orders finished in the last 365 days: %(part)s of %(all)s paid orders.",
            part=then.cancelled,
            all=then.finished,
        ),
    )


def _rate(rates: Rates) -> str:
    rate = rates.cancellation_rate
    return fmt.percent(rate if rate is not None else 0)


def _how_long_to_answer(order: OrderFacts) -> tuple[str, ...]:
    time = timedelta(hours=int(setting("orders", "answer_hours")))
    values = {"name": isolated(order.freelancer_name), "time": fmt.span(time), "when": fmt.datetime(now() + time)}
    if order.holds:
        first = _("Nothing is cancelled yet: %(name)s has %(time)s to answer, counted from the end of the hold.", **values)
    else:
        first = _("Nothing is cancelled yet: %(name)s has %(time)s to answer, until %(when)s if you send it now.", **values)
    if setting("orders", "silence_approves"):
        then = _("Without an answer the order is then cancelled, and you get everything back. Until then you can withdraw it.")
    else:
        then = _("Without an answer the administrator is then told; that moves no money. You can withdraw it at any time.")
    return (first, then)


def _the_new_end(order: OrderFacts) -> tuple[str, ...]:
    more = timedelta(days=int(setting("orders", "review_extension_days")))
    if order.review_until is None:
        return ()
    return (_("The review then ends on %(when)s instead.", when=fmt.datetime(order.review_until + more)),)


def _the_new_due_date(order: OrderFacts) -> tuple[str, ...]:
    asked = order.request("extension")
    if asked is None or asked.days is None or order.due_at is None:
        return ()
    return (_("The order is then due on %(when)s.", when=fmt.datetime(order.due_at + timedelta(days=asked.days))),)


def _most_days(_order: OrderFacts) -> tuple[str, ...]:
    most = int(setting("orders", "extension_days_max"))
    return (ngettext("You can ask for one day at once.", "You can ask for up to %(num)s days at once.", most),)


_PAGES: Final = (
    ActionPage("pay", "pay", placing.pay, lines=_money_to_pay, done=_l("Paid. The money is in escrow, and the work starts.")),
    ActionPage("drop", "drop", placing.drop, done=_l("The order is dropped. No money has moved.")),
    ActionPage(
        "give_feedback",
        "feedback",
        reviewing.give_feedback,
        forms.FeedbackForm,
        hints={"text": _MARKDOWN},
        lead=lambda order: (_("Feedback on a draft changes nothing else: no revision is used, and no time is stopped."),),
        done=_l("Your feedback is sent."),
    ),
    ActionPage(
        "approve",
        "approve",
        reviewing.approve,
        lead=_when_released,
        lines=_money_released,
        done=_l("The delivery is approved, and the order is completed."),
    ),
    ActionPage(
        "request_revision",
        "request-revision",
        reviewing.request_revision,
        forms.RevisionForm,
        hints={"instructions": _l("Be exact: this is what the next delivery is made from. Markdown works.")},
        lead=_revisions_used_up,
        done=_l("The revision is requested."),
    ),
    ActionPage(
        "extend_review",
        "extend-review",
        reviewing.extend_review,
        lead=lambda order: (
            _("Once per final delivery you can take more time before the order is completed by itself."),
            *_the_new_end(order),
        ),
        done=_l("You have more time to review."),
    ),
    ActionPage(
        "request_extension",
        "request-extension",
        extending.request_extension,
        forms.ExtensionForm,
        lead=_most_days,
        done=_l("You have asked for more days. The due date stays until the answer comes."),
    ),
    ActionPage(
        "withdraw_extension",
        "withdraw-extension",
        extending.withdraw_extension,
        request="extension",
        done=_l("Your request for more days is withdrawn. The due date stays."),
    ),
    ActionPage(
        "accept_extension",
        "accept-extension",
        extending.accept_extension,
        lead=_the_new_due_date,
        request="extension",
        done=_l("The days are given, and the due date has moved."),
    ),
    ActionPage(
        "decline_extension",
        "decline-extension",
        extending.decline_extension,
        request="extension",
        done=_l("You gave no more days. The due date stays."),
    ),
    ActionPage(
        "request_cancellation",
        "request-cancellation",
        requesting.request_cancellation,
        forms.CancellationForm,
        hints={"description": _l("The other side reads it, and the administrator if it comes to that. Markdown works.")},
        lead=_how_long_to_answer,
        lines=_money_back,
        done=_l("The cancellation is requested."),
    ),
    ActionPage(
        "withdraw_cancellation",
        "withdraw-cancellation",
        requesting.withdraw_cancellation,
        request="cancellation",
        done=_l("The request is withdrawn. The order goes on where it was."),
    ),
    ActionPage(
        "approve_cancellation",
        "approve-cancellation",
        requesting.approve_cancellation,
        lines=_money_back,
        request="cancellation",
        done=_l("The order is cancelled by agreement."),
    ),
    ActionPage(
        "reject_cancellation",
        "reject-cancellation",
        requesting.reject_cancellation,
        forms.RejectionForm,
        hints={"answer_text": _l("Say how you want to go on. The other side reads it.")},
        lead=lambda order: (_("The order then goes on where it was, and both of you may ask the administrator."),),
        request="cancellation",
        done=_l("The request is rejected. The order goes on."),
    ),
    ActionPage(
        "cancel",
        "cancel",
        cancelling.cancel,
        lead=_what_it_does_to_the_rate,
        lines=_money_back,
        done=_l("The order is cancelled, and everything in escrow went back to the employer."),
    ),
    ActionPage(
        "cancel_late",
        "cancel-late",
        cancelling.cancel_late,
        lines=_money_back,
        done=_l("The order is cancelled, and everything in escrow is back in your wallet."),
    ),
    ActionPage(
        "ask_administrator",
        "ask-administrator",
        settling.ask_administrator,
        forms.AskForm,
        hints={"text": _l("The administrator sees the whole order. Both sides see that you asked, and what you write here.")},
        lead=lambda order: (_("Nothing stops because of it. The administrator may complete or cancel the order."),),
        done=_l("The administrator is told."),
    ),
)

PAGES: Final[Mapping[str, ActionPage]] = MappingProxyType({page.action: page for page in _PAGES})
"""Every action of the two parties that has a page of its own, but for delivering."""
