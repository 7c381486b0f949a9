"""How a form of an order answers: back to the order, what is not possible and why, a refusal at its field."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Person, person, read
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.decisions import Choices, choices
from gigneo.plugins.orders.posting import Answer
from gigneo.plugins.orders.wording import fill, values_of


def not_offered(order: OrderFacts, name: str, judged: Choices | None = None) -> ResponseReturnValue:
    """Answer somebody who opened the form of an action that is not open to them, with the reasons.

    Args:
        order: the order.
        name: the action.
        judged: what the viewer may do, where it is known already.
    """
    decision = (judged or choices_of(order)).all.get(name)
    values = values_of(order)
    reasons = tuple(fill(refusal.reason, values) for refusal in decision.refusals) if decision else ()
    return refusal_page(order, reasons, fill(decision.action.label, values) if decision else None)


def refusal_page(order: OrderFacts, reasons: tuple[str, ...], label: str | None) -> ResponseReturnValue:
    """Say why something is not possible now."""
    return render_template("orders/refused.html", order=order, reasons=reasons, label=label), 409


def at_its_field(form: Any, answer: Answer | None) -> Answer | None:
    """Put a refusal at the field that it is about; what is about no field stays for the summary."""
    if answer is None or answer.field is None or answer.field not in form:
        return answer
    form[answer.field].errors = [*form[answer.field].errors, *answer.reasons]
    return None


def status_of(form: Any, answer: Answer | None) -> int:
    """Return the status of a form that comes back: 422 for what was entered, 409 for how things stand by now.

    Args:
        form: what was posted; ``None`` where a yes was enough.
        answer: the refusal, or ``None`` when the form itself was not valid.
    """
    return 422 if answer is None or (form is not None and answer.field is not None and answer.field in form) else 409


def viewer() -> Person:
    """Return who looks; routes of orders are for people who are logged in."""
    someone = person()
    assert someone is not None
    return someone


def choices_of(order: OrderFacts) -> Choices:
    """Decide every action of the viewer on an order."""
    return choices(order, order.role_of(viewer().id) or "", read())


def back_to(number: str) -> ResponseReturnValue:
    """Go to the order after its form was sent."""
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)
