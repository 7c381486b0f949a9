"""The operator's choices about orders, as one form."""

from typing import Final

from wtforms import BooleanField, Field, Form, IntegerField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from gigneo.api import FILE_TYPES, gettext, setting
from gigneo.api import lazy_gettext as _l

REASONS: Final = (
    "Ordered by mistake",
    "The work is no longer needed",
    "The freelancer does not answer",
    "The work does not match what was agreed",
    "It would come too late",
    "Something else",
)
MOST_REASONS: Final = 30
REASON_LENGTH: Final = 120


def cancellation_reasons() -> list[str]:
    """Return the reasons that an employer may choose from, as the operator wrote them, one per line."""
    return _lines(str(setting("orders", "cancellation_reasons")))


def file_types() -> frozenset[str]:
    """Return the endings of the files that may be sent to orders, as the operator chose them."""
    return _endings(str(setting("orders", "file_types")))


class OrderSettings(Form):
    """What the operator decides about orders. A change holds for what begins after it; running times keep their length."""

    files_per_delivery = IntegerField(
        _l("Files per delivery"),
        default=20,
        description=_l("How many files one delivery, or one upload, may carry."),
        validators=[InputRequired(), NumberRange(min=1, max=100)],
    )
    file_mb = IntegerField(
        _l("Megabytes per file"),
        default=100,
        description=_l("How large one file may be; never more than uploads.max_mb of the configuration."),
        validators=[InputRequired(), NumberRange(min=1, max=10240)],
    )
    order_files_mb = IntegerField(
        _l("Megabytes per order"),
        default=2000,
        description=_l("How much all files of one order may take together."),
        validators=[InputRequired(), NumberRange(min=1, max=1_000_000)],
    )
    person_day_files_mb = IntegerField(
        _l("Megabytes per person and day"),
        default=2000,
        description=_l("How much one person may send to orders in a day; what is removed again still counts."),
        validators=[InputRequired(), NumberRange(min=1, max=1_000_000)],
    )
    file_types = TextAreaField(
        _l("Kinds of files"),
        default=", ".join(sorted(FILE_TYPES)),
        description=_l("Which endings may be sent, separated by commas. What is inside must be what the ending says."),
        validators=[InputRequired(_l("Allow at least one kind of file."))],
        render_kw={"rows": 3},
    )
    pay_hours = IntegerField(
        _l("Hours to pay"),
        default=24,
        description=_l("An order that is not paid by then expires; no money has moved."),
        validators=[InputRequired(), NumberRange(min=1, max=720)],
    )
    review_days = IntegerField(
        _l("Days to review"),
        default=3,
        description=_l("Without an answer to the last final delivery by then, the order is completed and the money released."),
        validators=[InputRequired(), NumberRange(min=1, max=60)],
    )
    review_extension_days = IntegerField(
        _l("More days to review"),
        default=3,
        description=_l("How many days an employer may add once per final delivery; 0 gives none."),
        validators=[InputRequired(), NumberRange(min=0, max=60)],
    )
    extension_days_max = IntegerField(
        _l("More days to deliver, at most"),
        default=30,
        description=_l("How many days a freelancer may ask for at once."),
        validators=[InputRequired(), NumberRange(min=1, max=365)],
    )
    answer_hours = IntegerField(
        _l("Hours to answer a cancellation request"),
        default=48,
        description=_l("When nobody has answered by then, the order is flagged for you in Gigneo → Orders; no money moves."),
        validators=[InputRequired(), NumberRange(min=1, max=720)],
    )
    silence_approves = BooleanField(
        _l("Silence agrees to a cancellation"),
        default=False,
        description=_l("Instead of being flagged, the order is then cancelled, and the employer gets everything back."),
    )
    cancel_when_late = BooleanField(
        _l("Employers may cancel late orders alone"),
        default=False,
        description=_l("From 24 hours after the due date; it counts as the freelancer's cancellation."),
    )
    cancellation_reasons = TextAreaField(
        _l("Reasons for a cancellation"),
        default="\n".join(REASONS),
        description=_l("One per line. An employer who asks for a cancellation chooses one of them."),
        validators=[InputRequired(_l("Write at least one reason."))],
        render_kw={"rows": 7},
    )

    def validate_file_types(self, field: Field) -> None:
        """At least one, and none that the site can't judge."""
        endings = _endings(field.data or "")
        if not endings:
            raise ValidationError(gettext("Allow at least one kind of file."))
        if unknown := sorted(endings - FILE_TYPES.keys()):
            raise ValidationError(
                gettext(
                    "%(unknown)s can't be allowed. Known: %(known)s.",
                    unknown=", ".join(unknown),
                    known=", ".join(sorted(FILE_TYPES)),
                )
            )

    def validate_cancellation_reasons(self, field: Field) -> None:
        """At least one reason, not too many, none too long, none twice."""
        lines = _lines(field.data or "")
        if not lines:
            raise ValidationError(gettext("Write at least one reason."))
        if len(lines) > MOST_REASONS:
            raise ValidationError(gettext("At most %(most)s reasons.", most=MOST_REASONS))
        if any(len(line) > REASON_LENGTH for line in lines):
            raise ValidationError(gettext("A reason has at most %(most)s characters.", most=REASON_LENGTH))
        if len(set(lines)) != len(lines):
            raise ValidationError(gettext("A reason stands there twice."))


def _endings(text: str) -> frozenset[str]:
    return frozenset(part.strip(" .").lower() for part in text.replace("\n", ",").split(",") if part.strip(" ."))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
