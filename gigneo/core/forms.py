"""Forms in our own words: what is missing is empty, whole numbers are digits within bounds, and WTForms' English stays inside."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import wtforms
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired
from wtforms.widgets import TextInput

from gigneo.contributions import LazyText
from gigneo.core.numbers import whole_number
from gigneo.core.translations import gettext
from gigneo.core.translations import lazy_gettext as _l

SAID: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "Invalid field name '%s'.": _l("There is no field “%s” to compare this with."),
        "Field must be equal to %(other_name)s.": _l("The two are not the same."),
        "Field must be at least %(min)d character long.": _l("This has %(length)d characters; at least %(min)d are needed."),
        "Field cannot be longer than %(max)d character.": _l("This has %(length)d characters; the limit is %(max)d."),
        "Field must be exactly %(max)d character long.": _l("This has %(length)d characters; it takes exactly %(max)d."),
        "Field must be between %(min)d and %(max)d characters long.": _l(
            "This has %(length)d characters; it takes from %(min)d to %(max)d."
        ),
        "Number must be at least %(min)s.": _l("Write a number from %(min)s on."),
        "Number must be at most %(max)s.": _l("Write a number up to %(max)s."),
        "Number must be between %(min)s and %(max)s.": _l("Write a number from %(min)s to %(max)s."),
        "Date must be at least %(min)s.": _l("Write a date from %(min)s on."),
        "Date must be at most %(max)s.": _l("Write a date up to %(max)s."),
        "Date must be between %(min)s and %(max)s.": _l("Write a date from %(min)s to %(max)s."),
        "This field is required.": _l("Fill this in."),
        "Invalid input.": _l("Write it in another way; something in it can't be read."),
        "Invalid email address.": _l("Write an e-mail address, as in ada@example.org."),
        "Invalid IP address.": _l("Write an IP address, as in 192.0.2.1."),
        "Invalid Mac address.": _l("Write a MAC address, as in 01:23:45:67:89:ab."),
        "Invalid URL.": _l("Write a web address, as in https://example.org."),
        "Invalid UUID.": _l("Write a UUID: 32 hexadecimal digits with hyphens."),
        "Invalid value, must be one of: %(values)s.": _l("Write one of these: %(values)s."),
        "Invalid value, can't be any of: %(values)s.": _l("Write something else than these: %(values)s."),
        "This field cannot be edited.": _l("This can't be changed here."),
        "This field is disabled and cannot have a value.": _l("This is switched off and takes no value."),
        "Invalid CSRF Token.": _l("This form is too old. Open the page again and send it once more."),
        "CSRF token missing.": _l("This form is incomplete. Open the page again and send it once more."),
        "CSRF failed.": _l("This form is incomplete. Open the page again and send it once more."),
        "CSRF token expired.": _l("This form is too old. Open the page again and send it once more."),
        "Invalid Choice: could not coerce.": _l("Choose one of the list."),
        "Choices cannot be None.": _l("There is nothing to choose from."),
        "Not a valid choice.": _l("Choose one of the list."),
        "Invalid choice(s): one or more data inputs could not be coerced.": _l("Choose from the list."),
        "'%(value)s' is not a valid choice for this field.": _l("“%(value)s” is not in the list. Choose from it."),
        "Not a valid datetime value.": _l("Write a date and a time, as in 2026-11-30 14:00."),
        "Not a valid date value.": _l("Write a date, as in 2026-11-30."),
        "Not a valid time value.": _l("Write a time, as in 14:00."),
        "Not a valid week value.": _l("Write a week, as in 2026-W48."),
        "Not a valid integer value.": _l("Write a whole number in digits."),
        "Not a valid decimal value.": _l("Write a number in digits."),
        "Not a valid float value.": _l("Write a number in digits."),
    }
)
"""What WTForms says by itself → what we say instead. A test holds it against the catalogue that WTForms ships."""


class _Said:
    """Answers WTForms' questions for translations."""

    def gettext(self, message: str) -> str:
        """Return our words for WTForms'; a message that is not WTForms' is nobody's business here."""
        return str(SAID.get(message, message))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return our words for WTForms', which fit any number."""
        return str(SAID[one]) if one in SAID else one if number == 1 else many


_SAID: Final = _Said()


class OwnWords:
    """Makes a form of any kind speak in our words, and takes a text that was not sent for an empty one."""

    class Meta:
        """What WTForms asks a form about itself."""

        def get_translations(self, _form: Any) -> _Said:
            """Return our words."""
            return _SAID

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Give text fields a filter that turns nothing into an empty text."""
            if issubclass(unbound_field.field_class, wtforms.StringField):
                options = {**options, "filters": [_text, *unbound_field.kwargs.get("filters", ())]}
            return unbound_field.bind(form=form, **options)


class Form(OwnWords, wtforms.Form):
    """A form of a module: WTForms' own, in our words. A field that was not sent is an empty one."""


class ExactField(wtforms.Field):
    """A number that people write: its data is an int, and what can't be read comes back as it was typed."""

    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed."""
        if not valuelist:
            return
        self.data = None
        typed = str(valuelist[0]).strip()
        if not typed:
            raise ValueError(gettext("Write a number."))
        self.data = self.read(typed)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def read(self, typed: str) -> int:
        """Return the number.

        Raises:
            ValueError: it can't be read, with the reason for people.
        """
        raise NotImplementedError

    def show(self, number: int) -> str:
        """Return the number as people write it."""
        raise NotImplementedError


WITHIN: Final = _l("Write a whole number from %(least)s to %(most)s, in digits.")


class WholeNumberField(ExactField):
    """A whole number within bounds, in digits 0 to 9 and nothing else.

    Args:
        label: what is asked.
        least: the smallest, 0 or more.
        most: the largest; a function when only the running site knows it.
        required: whether it must be there; otherwise an empty field is ``None``.
        missing: what is said when it is not there; the bounds when empty.
        words: what is said of anything else, with places for ``least`` and ``most``.
    """

    def __init__(
        self,
        label: LazyText,
        *,
        least: int,
        most: int | Callable[[], int],
        required: bool = True,
        missing: LazyText = "",
        words: LazyText = WITHIN,
        **more: Any,
    ) -> None:
        self.least, self._most, self._words, self._required = least, most, words, required
        more["render_kw"] = {"inputmode": "numeric", "autocomplete": "off", **more.get("render_kw", {})}
        super().__init__(label, [_Needed(missing)] if required else [], **more)

    @property
    def most(self) -> int:
        """The largest number."""
        return self._most() if callable(self._most) else self._most

    @property
    def bounds(self) -> str:
        """What may be written, for people."""
        return str(self._words) % {"least": self.least, "most": self.most}

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed, if anything was; only digits are."""
        self.data = None
        if valuelist and valuelist[0] != "":
            self.data = self.read(str(valuelist[0]))

    def read(self, typed: str) -> int:
        """Read a number within the bounds."""
        number = whole_number(typed, self.most)
        if number is None or number < self.least:
            raise ValueError(self.bounds)
        return number

    def show(self, number: int) -> str:
        """Write the number."""
        return str(number)


class _Needed(InputRequired):
    """Asks for a number, and says which ones there are."""

    def __init__(self, missing: LazyText) -> None:
        super().__init__()
        self._missing = missing

    def __call__(self, form: Any, field: Any) -> None:
        self.message = str(self._missing) or field.bounds
        super().__call__(form, field)


def _text(value: Any) -> Any:
    return "" if value is None else value


def with_csrf(form: type[Any]) -> type[Any]:
    """Return a form class with the CSRF field of every form, in our words, whatever it was made from."""
    bases = [*([] if issubclass(form, OwnWords) else [OwnWords]), form, *([] if issubclass(form, FlaskForm) else [FlaskForm])]
    return form if len(bases) == 1 else type(form.__name__, tuple(bases), {})
