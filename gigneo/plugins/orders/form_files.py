"""The files of a form: judged before anything is kept, received before the transaction, and not lost when it is refused."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from gigneo.api import Received, Refused, check_upload, read, receiving, setting, whole_number, write
from gigneo.plugins.orders.filing import keep, kept_uploads, too_many, upload_rules


class FormFiles:
    """What came with the request's form.

    Attributes:
        kept: the ids of files that came before and wait for this form, as its field ``kept`` names them.
        uploads: the files that came now.
        problems: what is wrong with them, each named.
    """

    def __init__(self) -> None:
        self.kept = _ids(request.form.getlist("kept"))
        self.uploads = [upload for upload in request.files.getlist("files") if upload.filename]
        self._good: list[FileStorage] = []
        self.problems = tuple(self._judge())

    def entered(self, received: Iterable[Received]) -> dict[str, Any]:
        """Return what the person chose, for the form key: another file of the same name is another form.

        Args:
            received: as :meth:`received` gave them.
        """
        return {"kept": self.kept, "files": [file.content for file in received]}

    @contextmanager
    def received(self) -> Iterator[list[Received]]:
        """Keep the bytes of those files that may be sent; see :func:`~gigneo.api.receiving`.

        When the storage does not take them there are none, and one problem more: look at the problems inside the block.
        """
        with ExitStack() as kept:
            files: list[Received] = []
            try:
                files = kept.enter_context(receiving(self._good, upload_rules()))
            except Refused as refusal:
                self.problems += (str(refusal.reason),)
            yield files

    def wait(self, received: Iterable[Received], person_id: int) -> Sequence[Any]:
        """Let the files wait for the form to be sent again, and return those that do, with the ones from before.

        Args:
            received: as :meth:`received` gave them; inside its block.
            person_id: who sends the form.
        """
        files, kept = list(received), list(self.kept)
        try:
            with write() as session:
                kept += [row.id for row in (keep(session, file, person_id) for file in files) if row.id is not None]
        except Refused:  # too much for a day: the form says so already, or will
            for file in files:
                file.kept = False
        return kept_uploads(read(), person_id, kept)

    def _judge(self) -> Iterable[str]:
        limit = int(setting("orders", "files_per_delivery"))
        if len(self.kept) + len(self.uploads) > limit:
            yield too_many(limit)
        for upload in self.uploads:
            try:
                check_upload(upload, upload_rules())
            except Refused as refusal:
                yield str(refusal.reason)
            else:
                self._good.append(upload)
        del self._good[limit:]


def _ids(texts: Iterable[str]) -> list[int]:
    return sorted({number for text in texts if (number := whole_number(text)) is not None})
