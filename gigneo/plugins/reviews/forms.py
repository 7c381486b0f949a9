"""The forms of reviews, and the operator's choice."""

from typing import Final

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from gigneo.api import Form, WholeNumberField
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.reviews.moderating import DECISIONS, REASON_LIMIT
from gigneo.plugins.reviews.replying import REPLY_LIMIT
from gigneo.plugins.reviews.writing import TEXT_LIMIT

DAYS_AT_MOST: Final = 30
"""Orders look at timers of modules for so long after an order has ended."""

RATINGS: Final = (
    (5, _l("5 stars"), _l("Excellent")),
    (4, _l("4 stars"), _l("Good")),
    (3, _l("3 stars"), _l("Fair")),
    (2, _l("2 stars"), _l("Poor")),
    (1, _l("1 star"), _l("Bad")),
)


class ReviewForm(Form):
    """How it was. No rating is chosen beforehand."""

    rating = RadioField(
        _l("How many stars?"),
        coerce=int,
        choices=[SelectChoice(stars, label) for stars, label, _hint in RATINGS],
        validators=[InputRequired(_l("Choose one to five stars."))],
    )
    text = TextAreaField(
        _l("How was it?"),
        validators=[DataRequired(_l("Say how it was.")), Length(max=TEXT_LIMIT)],
        render_kw={"rows": 6},
    )


class ReplyForm(Form):
    """The public answer to a review."""

    text = TextAreaField(
        _l("Your answer"),
        validators=[DataRequired(_l("Write your answer.")), Length(max=REPLY_LIMIT)],
        render_kw={"rows": 5},
    )


class ReportForm(Form):
    """What is wrong with a review."""

    reason = TextAreaField(
        _l("What is wrong with it?"),
        validators=[DataRequired(_l("Say what is wrong with it.")), Length(max=REASON_LIMIT)],
        render_kw={"rows": 4},
    )


class ModerationForm(Form):
    """What an administrator decides about a review, and why. Each decision is a button."""

    decision = SelectField(
        _l("Decision"),
        choices=[SelectChoice(each.name, each.label) for each in DECISIONS.values()],
        validators=[InputRequired(_l("Choose what to do with the review."))],
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why; both sides read it.")), Length(max=REASON_LIMIT)],
        render_kw={"rows": 4},
    )


class ReviewSettings(Form):
    """What the operator decides about reviews."""

    days = WholeNumberField(
        _l("Days to write a review"),
        least=1,
        most=DAYS_AT_MOST,
        default=14,
        description=_l(
            "Counted from an order's completion. Until then nobody reads what the other side wrote, unless both have written."
            " A change holds at once, for orders whose time is not over."
        ),
    )
