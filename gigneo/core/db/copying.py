"""Copies of whole stories, made set-wise inside the database: demonstration data at size, with every constraint in force.

One rule for keys: whatever belongs to a copy has the key of its pattern plus the copy's place times :data:`SPAN`. So
references are computed, not looked up. A copy may have other people, and may have happened some whole days earlier.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Integer, MetaData, String, Table, case, func, insert, literal, select, text
from sqlalchemy.sql.selectable import FromClause, Select
from sqlmodel import Session

from gigneo.core.db.columns import BigKey, UtcDateTime

SPAN: Final = 100_000
"""Above every key that a pattern's rows have."""

ROOMY: Final = -262_144
"""KiB of pages that SQLite keeps at hand meanwhile: indexes that are written all over must not be read again and again."""
USUAL: Final = -2_000

PEOPLE: Final = "account_user"
PLAN: Final = Table(
    "copy_plan",
    MetaData(),
    Column("place", BigKey, primary_key=True),
    Column("pattern", BigKey),
    Column("number", String),
    Column("title", String),
    Column("words", String),
    Column("source_id", BigKey),
    Column("employer_id", BigKey),
    Column("freelancer_id", BigKey),
    Column("from_employer_id", BigKey),
    Column("from_freelancer_id", BigKey),
    Column("days", Integer),
    prefixes=["TEMPORARY"],
)
"""What is copied now. It is there for one transaction only."""

Written = Callable[[FromClause], ColumnElement[Any]]
"""Makes what is written into a column from the old row."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is to be made.

    Attributes:
        place: its place among all copies, from 1; later ones are newer.
        pattern: the key of what is copied.
        number: its own public number.
        title: its own title.
        words: what it is found by.
        source_id: what it came from; ``None`` when that is copied as well.
        employer_id: who is its employer.
        freelancer_id: who is its freelancer.
        from_employer_id: the pattern's employer.
        from_freelancer_id: the pattern's freelancer.
        days: how many whole days earlier it happened.
    """

    place: int
    pattern: int
    number: str
    title: str
    words: str
    source_id: int | None
    employer_id: int
    freelancer_id: int
    from_employer_id: int
    from_freelancer_id: int
    days: int

    def key(self, old: int) -> int:
        """Return the key of the row that copies the one with the key ``old``."""
        return old + self.place * SPAN


class Copies:
    """Copies that are made in one transaction.

    Args:
        session: the writing transaction.
        planned: what is copied, in the order of places.
    """

    def __init__(self, session: Session, planned: Sequence[Copy]) -> None:
        self.session = session
        self.planned = planned
        self.sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(text(f"PRAGMA cache_size={ROOMY}" if self.sqlite else "SET LOCAL statement_timeout = 0"))
        PLAN.create(session.connection(), checkfirst=False)
        session.execute(insert(PLAN), [asdict(each) for each in planned])

    def close(self) -> None:
        """Take the plan away; whatever raises before takes it back with the transaction."""
        PLAN.drop(self.session.connection(), checkfirst=False)
        if self.sqlite:
            self.session.execute(text(f"PRAGMA cache_size={USUAL}"))

    @cached_property
    def patterns(self) -> list[int]:
        """The keys of what is copied."""
        return sorted({each.pattern for each in self.planned})

    @cached_property
    def first_key(self) -> int:
        """The least key that any of these copies can have."""
        return self.planned[0].key(0)

    @cached_property
    def last_key(self) -> int:
        """The greatest key that any of these copies can have."""
        return self.planned[-1].key(SPAN - 1)

    def key(self, old: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the key of the row that copies the one with this key; nothing stays nothing."""
        return old + PLAN.c.place * SPAN

    def person(self, old: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return who is in the place of a pattern's employer or freelancer; anybody else stays."""
        return case(
            (old == PLAN.c.from_employer_id, PLAN.c.employer_id),
            (old == PLAN.c.from_freelancer_id, PLAN.c.freelancer_id),
            else_=old,
        )

    def moment(self, old: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return when it happened to the copy."""
        if self.sqlite:
            shifted = func.date(old, literal("-").concat(PLAN.c.days).concat(" days"), type_=String)
            return shifted.concat(func.substr(old, 11, type_=String))
        return old - func.make_interval(0, 0, 0, 0, PLAN.c.days * 24)

    def rows(self, table: Table, source: Select[Any] | None = None, **instead: Written) -> None:
        """Copy the patterns' rows of a table.

        The primary key and references to other tables move by the rule of keys, references to people by
        :meth:`person`, moments by :meth:`moment`. Everything else stays as it is.

        Args:
            table: whose rows.
            source: selects the patterns' rows with all columns, and ``pattern``, whose they are; by ``order_id`` when absent.
            instead: column → what is written into it, made from the old row.
        """
        old = (self.of(table) if source is None else source).cte("old").prefix_with("MATERIALIZED")
        written = {column.name: instead.get(column.name, self._rule(column))(old) for column in table.c}
        chosen = select(*(value.label(name) for name, value in written.items())).join_from(
            PLAN, old, old.c.pattern == PLAN.c.pattern
        )
        keys = [old.c[column.name] for column in table.primary_key]
        statement = insert(table).from_select(list(written), chosen.order_by(PLAN.c.place, *keys), include_defaults=False)
        self.session.execute(statement)
        if not self.sqlite and "id" in table.c:
            move = text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")  # noqa: S608
            self.session.execute(move)

    def of(self, table: Table, column: str = "order_id") -> Select[Any]:
        """Select the patterns' rows of a table whose column names the pattern."""
        return select(*table.c, table.c[column].label("pattern")).where(table.c[column].in_(self.patterns))

    def _rule(self, column: Column[Any]) -> Written:
        targets = {key.target_fullname.partition(".")[0] for key in column.foreign_keys}
        if PEOPLE in targets:
            return lambda old: self.person(old.c[column.name])
        if targets or column.primary_key:
            return lambda old: self.key(old.c[column.name])
        if isinstance(column.type, UtcDateTime):
            return lambda old: self.moment(old.c[column.name])
        return lambda old: old.c[column.name]


def planned_value(name: str) -> Written:
    """Write what the plan says: ``number``, ``title``, ``words``, ``employer_id``, ``freelancer_id`` or ``source_id``."""
    return lambda _old: PLAN.c[name]


def learn_sizes(session: Session) -> None:
    """Let PostgreSQL learn at once how its tables have grown; until it does by itself, it would choose other ways.

    Args:
        session: a writing transaction.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("ANALYZE"))
