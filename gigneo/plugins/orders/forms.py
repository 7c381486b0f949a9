"""The forms of orders, and the operator's choices."""

from typing import Any

from wtforms import Form, IntegerField, MultipleFileField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.orders.delivering import TEXT_LIMIT

FILE_KINDS = (
    ("deliverable", _l("Deliverable")),
    ("revision", _l("Revision file")),
    ("reference", _l("Reference")),
    ("instruction", _l("Instruction")),
    ("supporting", _l("Supporting document")),
)


class DeliveryForm(Form):
    """Draft work or a final delivery. Neither is chosen beforehand: the difference is too large for a default."""

    type = RadioField(
        _l("What are you sending?"),
        choices=[SelectChoice("draft", _l("Draft Work")), SelectChoice("final", _l("Final Delivery"))],
        validators=[InputRequired(_l("Choose Draft Work or Final Delivery."))],
    )
    description = TextAreaField(_l("Description"), validators=[Length(max=TEXT_LIMIT)])
    files = MultipleFileField(_l("Files"))

    def too_many(self, limit: int) -> str:
        """Say that there are more files than a delivery may carry."""
        return str(_("A delivery carries at most %(limit)s files. Pack some of them together.", limit=limit))


class RevisionForm(Form):
    """What should change."""

    instructions = TextAreaField(
        _l("What should change?"),
        validators=[InputRequired(_l("Say what should change.")), Length(max=TEXT_LIMIT)],
    )


class AttachmentForm(Form):
    """Files for the order, from either side."""

    kind = SelectField(
        _l("What is it?"),
        choices=[SelectChoice("", _l("Choose…")), *(SelectChoice(name, label) for name, label in FILE_KINDS)],
        validators=[InputRequired(_l("Say what the file is."))],
    )
    files = MultipleFileField(_l("Files"))


class LiftHoldForm(Form):
    """Why an administrator lifts a hold."""

    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(_l("Say why the hold is lifted; both sides see it.")), Length(max=500)]
    )


class OrderSettings(Form):
    """The operator's choices about orders."""

    files_per_delivery = IntegerField(
        _l("Files per delivery"),
        default=20,
        description=_l("How many files one delivery, or one upload, may carry."),
        validators=[InputRequired(), NumberRange(min=1, max=100)],
    )


def label_of(kind: str) -> Any:
    """Return what people call a kind of file."""
    return dict(FILE_KINDS).get(kind, "")
