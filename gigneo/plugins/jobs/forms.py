"""The forms of jobs: posting one, proposing, and closing one as administrator."""

import re
from typing import Final

from wtforms import BooleanField, Field, Form, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from gigneo.api import gettext
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
from gigneo.plugins.wallet.api import AmountField, ExactField

_WHOLE: Final = re.compile(r"[0-9]{1,4}")


class DaysField(ExactField):
    """A time to deliver, in days."""

    def read(self, typed: str) -> int:
        """Read a number of days."""
        if not _WHOLE.fullmatch(typed) or not 1 <= int(typed) <= MOST_DAYS:
            raise ValueError(gettext("Write a whole number of days from 1 to %(most)s.", most=MOST_DAYS))
        return int(typed)

    def show(self, number: int) -> str:
        """Write the number."""
        return str(number)


class RevisionsField(ExactField):
    """A number of revisions. Left empty it has none, and the form says whether that will do."""

    def process_formdata(self, valuelist: list[str]) -> None:  # type: ignore[override]
        """Read what was typed, if anything was."""
        self.data = None
        if valuelist and str(valuelist[0]).strip():
            self.data = self.read(str(valuelist[0]).strip())

    def read(self, typed: str) -> int:
        """Read a number of revisions."""
        if not _WHOLE.fullmatch(typed) or int(typed) > MOST_REVISIONS:
            raise ValueError(gettext("Write a whole number from 0 to %(most)s, or choose unlimited.", most=MOST_REVISIONS))
        return int(typed)

    def show(self, number: int) -> str:
        """Write the number."""
        return str(number)


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
    days = DaysField(_l("Days to deliver"), [InputRequired(_l("Say how many days you need."))])
    revisions = RevisionsField(_l("Revisions"))
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
