"""The body of a form: a line ends with one character, as whoever typed it counted it, not with the two that browsers send."""

from typing import IO, Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from gigneo.core.written import line_feeds


class TypedForms(FormDataParser):
    """Reads forms; each line end of a text becomes a line feed, before anybody counts or keeps it. Files stay as they are."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Read a form's fields and files."""
        stream, form, files = super().parse(stream, mimetype, content_length, options)
        if any("\r" in text for _name, text in form.items(multi=True)):
            form = self.cls([(name, line_feeds(text)) for name, text in form.items(multi=True)])
        return stream, form, files


class SiteRequest(Request):
    """A request whose form has line feeds."""

    form_data_parser_class: Any = TypedForms
