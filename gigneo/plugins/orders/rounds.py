"""Pairs deliveries with the revision requests that answered them, so that both can see what was asked and what came."""

from collections.abc import Iterable
from dataclasses import dataclass

from gigneo.plugins.orders.contents import RoundEntry
from gigneo.plugins.orders.file_rows import DELIVERY, REVISION, FileRow


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with its files, and the feedback that it got."""

    entry: RoundEntry
    files: tuple[FileRow, ...]
    feedback: tuple[RoundEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One round of work.

    Attributes:
        number: from 1.
        drafts: draft work, oldest first.
        final: the final delivery, if it came.
        request: the revision request that answered it, if there was one.
        shown: the files that came with that request.
        current: whether this is the last round.
    """

    number: int
    drafts: tuple[Sent, ...]
    final: Sent | None
    request: RoundEntry | None
    shown: tuple[FileRow, ...] = ()
    current: bool = False


def pair(entries: Iterable[RoundEntry], files: Iterable[FileRow]) -> list[Round]:
    """Return the rounds, newest first.

    Args:
        entries: deliveries and revision requests, oldest first.
        files: what came with the deliveries and the requests.
    """
    attached: dict[tuple[str, int | None], list[FileRow]] = {}
    for file in files:
        attached.setdefault((file.origin_kind, file.origin_id), []).append(file)
    grouped: dict[int, list[RoundEntry]] = {}
    judged: dict[int | None, list[RoundEntry]] = {}
    for entry in entries:
        (judged.setdefault(entry.about, []) if entry.about else grouped.setdefault(entry.round, [])).append(entry)
    last = max(grouped, default=0)
    rounds = []
    for number in sorted(grouped, reverse=True):
        sent = {
            what: [
                Sent(entry, tuple(attached.get((DELIVERY, entry.id), ())), tuple(judged.get(entry.id, ())))
                for entry in grouped[number]
                if entry.what == what
            ]
            for what in ("draft", "final")
        }
        request = next((entry for entry in grouped[number] if entry.what == "revision"), None)
        shown = tuple(attached.get((REVISION, request.id), ())) if request is not None else ()
        final = sent["final"][-1] if sent["final"] else None
        rounds.append(Round(number, tuple(sent["draft"]), final, request, shown, number == last))
    return rounds
