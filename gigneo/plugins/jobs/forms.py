"""The forms of jobs: posting one, proposing, and closing one as administrator."""

from wtforms import BooleanField, Field, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from gigneo.api import Form, WholeNumberField, gettext
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.jobs.judging import (
    CATEGORY_LIMIT,
    COVER_LIMIT,
    DESCRIPTION_LIMIT,
    MOST_DAYS,
    MOST_REVISIONS,
    REASON_LIMIT,
    TITLE_LIMIT,
)
from gigneo.plugins.wallet.api import AmountField


class JobForm(Form):
    """What an employer wants done."""

    title = StringField(_l("Title"), [DataRequired(_l("Say what should be done.")), Length(max=TITLE_LIMIT)])
    category = StringField(_l("Kind of work"), [Length(max=CATEGORY_LIMIT)])
    description = TextAreaField(
        _l("Description"),
        [DataRequired(_l("Describe what should be done.")), Length(max=DESCRIPTION_LIMIT)],
        render_kw={"rows": 10},
    )
    budget_min = AmountField(_l("Budget from"), [Optional()])
    budget_max = AmountField(_l("Budget up to"), [Optional()])


class ProposalForm(Form):
    """What a freelancer would do a job for."""

    price = AmountField(_l("Your price"), [InputRequired(_l("Say how much."))])
    days = WholeNumberField(_l("Days to deliver"), least=1, most=MOST_DAYS, missing=_l("Say how many days you need."))
    revisions = WholeNumberField(
        _l("Revisions"),
        least=0,
        most=MOST_REVISIONS,
        required=False,
        words=_l("Write a whole number from %(least)s to %(most)s, or choose unlimited."),
    )
    unlimited = BooleanField(_l("Unlimited revisions"))
    cover = TextAreaField(
        _l("Why you"),
        [DataRequired(_l("Tell the employer why you.")), Length(max=COVER_LIMIT)],
        render_kw={"rows": 8},
    )

    def validate_revisions(self, field: Field) -> None:
        """Either a number or unlimited: neither is nobody's guess, and both contradict each other."""
        if field.process_errors:
            return
        if self.unlimited.data and field.data is not None:
            raise ValidationError(gettext("Write a number or choose unlimited, not both."))
        if not self.unlimited.data and field.data is None:
            raise ValidationError(gettext("Write how many revisions are included, or choose unlimited."))


class CloseForm(Form):
    """Why an administrator closes a job."""

    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why; the employer and whoever proposed read it.")), Length(max=REASON_LIMIT)],
        render_kw={"rows": 4},
    )
