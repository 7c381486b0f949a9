"""The forms of orders, and the operator's choices."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from wtforms import MultipleFileField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from gigneo.api import Form, WholeNumberField, setting
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.orders.limits import REASON_LIMIT, TEXT_LIMIT
from gigneo.plugins.orders.settings import cancellation_reasons
from gigneo.plugins.wallet.api import AmountField

FILE_KINDS = (
    ("deliverable", _l("Deliverable")),
    ("revision", _l("Revision file")),
    ("reference", _l("Reference")),
    ("instruction", _l("Instruction")),
    ("supporting", _l("Supporting document")),
)


class FilesNeeded:
    """Marks a field of files as required, for the page; the use case judges what came."""

    field_flags: Mapping[str, bool] = MappingProxyType({"required": True})

    def __call__(self, _form: Any, _field: Any) -> None:
        """Judge nothing: files are no part of the form's text."""


class DeliveryForm(Form):
    """Draft work or a final delivery. Neither is chosen beforehand: the difference is too large for a default."""

    type = RadioField(
        _l("What are you sending?"),
        choices=[SelectChoice("draft", _l("Draft Work")), SelectChoice("final", _l("Final Delivery"))],
        validators=[InputRequired(_l("Choose Draft Work or Final Delivery."))],
    )
    description = TextAreaField(_l("Description"), validators=[Length(max=TEXT_LIMIT)])
    files = MultipleFileField(_l("Files"))


class RevisionForm(Form):
    """What should change."""

    instructions = TextAreaField(
        _l("What should change?"),
        validators=[InputRequired(_l("Say what should change.")), Length(max=TEXT_LIMIT)],
    )
    files = MultipleFileField(_l("Files"))


class AttachmentForm(Form):
    """Files for the order, from either side."""

    kind = SelectField(
        _l("What is it?"),
        choices=[SelectChoice("", _l("Choose…")), *(SelectChoice(name, label) for name, label in FILE_KINDS)],
        validators=[InputRequired(_l("Say what the file is."))],
    )
    files = MultipleFileField(_l("Files"), validators=[FilesNeeded()])


class LiftHoldForm(Form):
    """Why an administrator lifts a hold."""

    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(_l("Say why the hold is lifted; both sides see it.")), Length(max=500)]
    )


class FeedbackForm(Form):
    """What the employer thinks of a draft."""

    text = TextAreaField(
        _l("Your feedback"), validators=[InputRequired(_l("Say what you think of the draft.")), Length(max=TEXT_LIMIT)]
    )


class CancellationForm(Form):
    """Why the employer asks for a cancellation."""

    reason = SelectField(
        _l("Reason"),
        choices=lambda: [SelectChoice("", _l("Choose…")), *(SelectChoice(line, line) for line in cancellation_reasons())],
        validators=[InputRequired(_l("Choose a reason."))],
    )
    description = TextAreaField(
        _l("Description"),
        validators=[InputRequired(_l("Describe why the order should be cancelled.")), Length(max=TEXT_LIMIT)],
    )


class RejectionForm(Form):
    """Why the freelancer does not agree to a cancellation."""

    answer_text = TextAreaField(_l("Your answer"), validators=[Length(max=TEXT_LIMIT)])


class ExtensionForm(Form):
    """How many more days the freelancer needs, and why."""

    days = WholeNumberField(
        _l("More days"),
        least=1,
        most=lambda: int(setting("orders", "extension_days_max")),
        missing=_l("Say how many."),
    )
    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Say why you need more days.")), Length(max=TEXT_LIMIT)])


class AskForm(Form):
    """What the administrator should look at."""

    text = TextAreaField(
        _l("What should be looked at?"),
        validators=[InputRequired(_l("Say what the administrator should look at.")), Length(max=TEXT_LIMIT)],
    )


class DecisionForm(Form):
    """Why an administrator completes or cancels an order."""

    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Say why; both sides read it.")), Length(max=REASON_LIMIT)])


class AnswerForm(Form):
    """What the administrator answers."""

    answer = TextAreaField(
        _l("Your answer"),
        validators=[InputRequired(_l("Write an answer; both sides read it.")), Length(max=TEXT_LIMIT)],
    )


class RefundForm(DecisionForm):
    """How much of a completed order's price goes back, and why."""

    amount_minor = AmountField(_l("Amount"), validators=[InputRequired(_l("Say how much goes back."))])


def label_of(kind: str) -> Any:
    """Return what people call a kind of file."""
    return dict(FILE_KINDS).get(kind, "")
