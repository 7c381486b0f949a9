"""The note, and the operator's choices."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from gigneo.api import Form, WholeNumberField


class NoteForm(Form):
    """A note on an order."""

    text = TextAreaField("Note", [InputRequired("Write something.")])


class ExtrasSettings(Form):
    """How long a note may be."""

    longest = WholeNumberField("Longest note", least=1, most=1000, default=200)
