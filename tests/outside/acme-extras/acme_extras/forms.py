"""The note, and the operator's choices."""

from wtforms import Form, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange


class NoteForm(Form):
    """A note on an order."""

    text = TextAreaField("Note", [InputRequired("Write something.")])


class ExtrasSettings(Form):
    """How long a note may be."""

    longest = IntegerField("Longest note", [NumberRange(1, 1000)], default=200)
