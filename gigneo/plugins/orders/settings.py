"""The operator's choices about orders, as one form."""

from typing import Final

from wtforms import BooleanField, Field, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from gigneo.api import FILE_TYPES, Form, WholeNumberField, gettext, setting
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

    files_per_delivery = WholeNumberField(
        _l("Files per delivery"),
        least=1,
        most=100,
        default=20,
        description=_l("How many files one delivery, or one upload, may carry."),
    )
    file_mb = WholeNumberField(
        _l("Megabytes per file"),
        least=1,
        most=10240,
        default=100,
        description=_l("How large one file may be; never more than uploads.max_mb of the configuration."),
    )
    order_files_mb = WholeNumberField(
        _l("Megabytes per order"),
        least=1,
        most=1_000_000,
        default=2000,
        description=_l("How much all files of one order may take together."),
    )
    person_day_files_mb = WholeNumberField(
        _l("Megabytes per person and day"),
        least=1,
        most=1_000_000,
        default=2000,
        description=_l("How much one person may send to orders in a day; what is removed again still counts."),
    )
    file_types = TextAreaField(
        _l("Kinds of files"),
        default=", ".join(sorted(FILE_TYPES)),
        description=_l("Which endings may be sent, separated by commas. What is inside must be what the ending says."),
        validators=[InputRequired(_l("Allow at least one kind of file."))],
        render_kw={"rows": 3},
    )
    pay_hours = WholeNumberField(
        _l("Hours to pay"),
        least=1,
        most=720,
        default=24,
        description=_l("An order that is not paid by then expires; no money has moved."),
    )
    review_days = WholeNumberField(
        _l("Days to review"),
        least=1,
        most=60,
        default=3,
        description=_l("Without an answer to the last final delivery by then, the order is completed and the money released."),
    )
    review_extension_days = WholeNumberField(
        _l("More days to review"),
        least=0,
        most=60,
        default=3,
        description=_l("How many days an employer may add once per final delivery; 0 gives none."),
    )
    extension_days_max = WholeNumberField(
        _l("More days to deliver, at most"),
        least=1,
        most=365,
        default=30,
        description=_l("How many days a freelancer may ask for at once."),
    )
    answer_hours = WholeNumberField(
        _l("Hours to answer a cancellation request"),
        least=1,
        most=720,
        default=48,
        description=_l("For requests made from now on. What follows when nobody has answered by then is your next choice."),
    )
    silence_approves = BooleanField(
        _l("Silence agrees to a cancellation"),
        default=False,
        description=_l(
            "An order whose request nobody answered is then cancelled, and the employer gets everything back. Otherwise it is"
            " flagged for you in Gigneo → Orders, and no money moves. A request keeps the choice under which it was made."
        ),
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
