"""The forms of disputes: opening one, and closing one as administrator."""

from typing import Final

from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from gigneo.api import Form
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.disputes.settling import OUTCOME_LIMIT, TEXT_LIMIT

REASONS: Final = (
    ("not_delivered", _l("The work was not delivered")),
    ("not_as_agreed", _l("The work is not what was agreed")),
    ("late", _l("The work is late")),
    ("no_answer", _l("The other side does not answer")),
    ("more_than_agreed", _l("More is asked for than was agreed")),
    ("other", _l("Something else")),
)


class DisputeForm(Form):
    """What could not be settled between the two sides."""

    reason = SelectField(
        _l("What is it about?"),
        choices=[SelectChoice("", _l("Choose…")), *(SelectChoice(value, label) for value, label in REASONS)],
        validators=[InputRequired(_l("Choose what it is about."))],
    )
    description = TextAreaField(
        _l("What happened?"),
        validators=[DataRequired(_l("Describe what happened.")), Length(max=TEXT_LIMIT)],
        render_kw={"rows": 7},
    )


class CloseForm(Form):
    """Why an administrator closes a dispute."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why; both sides read it.")), Length(max=OUTCOME_LIMIT)],
        render_kw={"rows": 4},
    )


def words_of(reason: str) -> LazyText:
    """Return what people read for a reason."""
    words: dict[str, LazyText] = dict(REASONS)
    return words.get(reason, reason)
