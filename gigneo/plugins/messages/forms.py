"""The form of a message."""

from wtforms import MultipleFileField, TextAreaField
from wtforms.validators import Length

from gigneo.api import Form
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.messages.talking import TEXT_LIMIT


class MessageForm(Form):
    """What somebody writes to the other side: words, files, or both. That there is one of them the use case judges."""

    body = TextAreaField(_l("Your message"), validators=[Length(max=TEXT_LIMIT)], render_kw={"rows": 3})
    files = MultipleFileField(_l("Files"))
