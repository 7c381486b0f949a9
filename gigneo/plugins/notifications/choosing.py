"""What somebody is told where: the kind says it, and rows say what they chose otherwise."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, bindparam, column, delete, insert, select, table
from sqlmodel import Session, col

from gigneo.api import Person, contributions
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText, NotificationKind
from gigneo.plugins.notifications.models import Choice

BELL: Final = "bell"
MAIL: Final = "mail"
CHANNELS: Final[Mapping[str, LazyText]] = {BELL: _l("In the bell"), MAIL: _l("By e-mail")}
Choices = dict[tuple[str, str], bool]
"""What somebody chose otherwise than by default: (kind, channel) → whether they want it."""


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the preferences.

    Attributes:
        label: its heading.
        kinds: its kinds, in order.
    """

    label: str
    kinds: tuple[NotificationKind, ...]


def wants(session: Session, person_id: int, kind: NotificationKind, channel: str) -> bool:
    """Return whether somebody wants to be told a kind of thing by a channel."""
    chosen = session.execute(_ONE, {"person_id": person_id, "kind": kind.name, "channel": channel}).scalar_one_or_none()
    return bool(getattr(kind, channel)) if chosen is None else bool(chosen)


def choices_of(session: Session, person_id: int) -> Choices:
    """Return what somebody chose otherwise than by default, in one statement."""
    return {(row.kind, row.channel): bool(row.wanted) for row in session.execute(_ALL, {"person_id": person_id})}


def kinds_for(person: Person, chosen: Choices) -> list[Group]:
    """Return what a person may be told, by group: the kinds of their roles, and those about which they have chosen."""
    named = {kind for kind, _ in chosen}
    groups: dict[str, list[NotificationKind]] = {}
    for kind in contributions().notification_kinds:
        if not kind.roles or kind.roles & person.roles or kind.name in named:
            groups.setdefault(str(kind.group), []).append(kind)
    return [Group(label, tuple(kinds)) for label, kinds in groups.items()]


def choose(session: Session, person_id: int, kinds: Collection[NotificationKind], wanted: Mapping[str, Collection[str]]) -> None:
    """Keep what somebody chooses about some kinds; what is as by default is not kept.

    Args:
        session: the action's writing transaction.
        person_id: who chooses.
        kinds: those that are chosen about; what was chosen about others stays.
        wanted: channel → the names of the kinds that are wanted there. A channel that is not named stays as it is.
    """
    session.execute(_LOCK, {"person_id": person_id})  # two forms at once would both insert
    about = [kind.name for kind in kinds]
    session.execute(
        delete(Choice).where(
            col(Choice.person_id) == person_id, col(Choice.kind).in_(about), col(Choice.channel).in_(list(wanted))
        )
    )
    rows = [
        {"person_id": person_id, "kind": kind.name, "channel": channel, "wanted": kind.name in names}
        for channel, names in wanted.items()
        for kind in kinds
        if bool(getattr(kind, channel)) != (kind.name in names)
    ]
    if rows:
        session.execute(insert(Choice), rows)


_PEOPLE = table("account_user", column("id", BigInteger))
_LOCK = select(_PEOPLE.c.id).where(_PEOPLE.c.id == bindparam("person_id")).with_for_update()
_ALL = select(col(Choice.kind), col(Choice.channel), col(Choice.wanted)).where(col(Choice.person_id) == bindparam("person_id"))
_ONE = select(col(Choice.wanted)).where(
    col(Choice.person_id) == bindparam("person_id"),
    col(Choice.kind) == bindparam("kind"),
    col(Choice.channel) == bindparam("channel"),
)
