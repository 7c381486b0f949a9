"""The form of a message."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from gigneo.api import Form
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.messages.talking import TEXT_LIMIT


class MessageForm(Form):
    """What somebody writes to the other side."""

    body = TextAreaField(
        _l("Your message"),
        validators=[DataRequired(_l("Write something first.")), Length(max=TEXT_LIMIT)],
        render_kw={"rows": 4},
    )
