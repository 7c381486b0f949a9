"""What is looked for in the lists of orders: the beginning of a number, or beginnings of words of titles and names.

Two ways lead to the newest orders that match. What is common is found by walking along the list for a while; what is rare,
by the full-text index. So no word is slow: neither one that a third of all orders have nor one that a single order has.
Each order keeps its folded words in ``words``, with a mark for each side, so that people are found under their present
name; SQLite indexes them in the table ``orders_search``, PostgreSQL in a GIN index. Both are fast with whole words and slow with
beginnings, so ``orders_word`` knows every word that any title has.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from gigneo.plugins.orders.models import Word
from gigneo.plugins.orders.queries import NUMBER_LENGTH, ORDERS, PEOPLE

MOST_WORDS: Final = 5
LONGEST: Final = 100
MOST_PEOPLE: Final = 1_000
"""Of how many people who are called by a word orders are looked for; the first who registered."""
MOST_ENDINGS: Final = 200
"""With how many words a beginning is looked for; one with more is looked for as it is."""
WINDOW: Final = 2_000
"""How many orders of a list are walked along before the index is asked."""
WIDE_WINDOW: Final = 10_000
"""The same along the primary key, where a step costs a tenth, and along a person's orders where PostgreSQL's index is dear."""
BY_NUMBER: Final = -1
WALK: Final = "walk"
BEYOND: Final = "beyond"
"""Asks whether the list goes on behind the walk; if not, the index has nothing to add."""
_MARK: Final = "\u01bf"
"""The letter wynn: it marks a side among an order's words, and folding leaves none in what people write."""
_NUMBER: Final = re.compile(rf"#?([0-9]{{1,{NUMBER_LENGTH}}})")
_WORD: Final = re.compile(r"[^\W_]+")
WORDS: Final[Table] = Word.__table__
INDEX: Final = table("orders_search", column("rowid"))
MATCHES: Final = literal_column("orders_search").op("MATCH")(bindparam("query"))
"""Of SQLite's index: give its rows in the order of their keys, newest first, and it does not look at more than are read."""


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for.

    Attributes:
        text: as typed, for the field.
        shape: which statement it needs: 0 nothing, :data:`BY_NUMBER`, or so many words.
        values: what is bound to it.
        words: the beginnings of words, folded.
    """

    text: str = ""
    shape: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def is_dear(self) -> bool:
        """Whether PostgreSQL's index is slow with it: with many numbers, or with everybody who is called by a word."""
        return self.shape == BY_NUMBER or any(self.values[f"people_{index}"] for index in range(len(self.words)))


NOTHING: Final = Search()


def folded(text: str) -> str:
    """Return a text without accents and in lower case, as it is compared."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return plain.lower().replace(_MARK, "w")


def words_of(title: str, employer_id: int, freelancer_id: int) -> str:
    """Return the words that an order is found by, each with a space before and behind it.

    Args:
        title: of the order.
        employer_id: one side.
        freelancer_id: the other one.
    """
    return f" {' '.join(_WORD.findall(folded(title)))} {_MARK}{employer_id} {_MARK}{freelancer_id} "


def read_search(text: str) -> Search:
    """Return what was typed as something that can be looked for; at most :data:`MOST_WORDS` words count."""
    typed = " ".join(unicodedata.normalize("NFC", text).split())[:LONGEST]
    if not typed:
        return NOTHING
    if found := _NUMBER.fullmatch(typed):
        return Search(typed, BY_NUMBER, {"from": found[1], "to": found[1].ljust(NUMBER_LENGTH, "9")})
    words = tuple(_WORD.findall(folded(typed))[:MOST_WORDS]) or (f"{_MARK}{_MARK}",)  # no word at all: nothing is found
    return Search(typed, len(words), {f"word_{index}": f"% {word}%" for index, word in enumerate(words)}, words)


def with_people(session: Session, search: Search, viewer_id: int | None) -> Search:
    """Add who is called by the words, and the question that the index is asked.

    Args:
        session: the page's read session.
        search: as typed.
        viewer_id: whose orders are looked through, by the other side's name; ``None`` for all orders.
    """
    if search.shape <= 0:
        return search
    sqlite = session.get_bind().dialect.name == "sqlite"
    called = _called(session, search.words, sqlite)
    people = [[person for person, words in called if person != viewer_id and _has(words, word)] for word in search.words]
    whole, begins, both, either = ('"{}"', "*", " AND ", " OR ") if sqlite else ("'{}'", ":*", " & ", " | ")
    asked = [
        [*_endings(session, word, whole, begins), *(whole.format(f"{_MARK}{person}") for person in known)]
        for word, known in zip(search.words, people, strict=True)
    ]
    asked.sort(key=len)  # what has many alternatives is asked only of orders that everything else has named
    mine = [] if viewer_id is None else [whole.format(f"{_MARK}{viewer_id}")]
    query = both.join([*mine, *(f"({either.join(each)})" for each in asked)])
    return replace(
        search, values={**search.values, "query": query, **{f"people_{index}": known for index, known in enumerate(people)}}
    )


def _endings(session: Session, beginning: str, whole: str, begins: str) -> list[str]:
    """Return what the index is asked for a beginning: the words that there are, or the beginning when those are too many."""
    found = (
        session.execute(_WORDS, {"from": beginning, "to": f"{beginning}\U0010ffff", "limit": MOST_ENDINGS + 1}).scalars().all()
    )
    if len(found) > MOST_ENDINGS:
        return [whole.format(beginning) + begins]
    return [whole.format(word) for word in found or [beginning]]


def learn_words(session: Session, titles: Iterable[str]) -> None:
    """Note the words of titles.

    Args:
        session: the writing transaction of the orders.
        titles: of the orders.
    """
    words = sorted({word for title in titles for word in _WORD.findall(folded(title))})
    if words:
        session.execute(_learning(session.get_bind().dialect.name), [{"word": word} for word in words])


@lru_cache(maxsize=2)
def _learning(dialect: str) -> Any:
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(WORDS).values(word=bindparam("word")).inline()
    return statement.on_conflict_do_nothing()


_WORDS = (
    select(WORDS.c.word)
    .where(WORDS.c.word >= bindparam("from"), WORDS.c.word < bindparam("to"))
    .order_by(WORDS.c.word)
    .limit(bindparam("limit"))
)


def _called(session: Session, words: Sequence[str], sqlite: bool) -> list[tuple[int, list[str]]]:
    name = (_folded_by_sqlite if sqlite else _folded_by_postgres)(PEOPLE.c.name)
    known = select(PEOPLE.c.id, PEOPLE.c.name, name.label("folded")).cte("known").prefix_with("MATERIALIZED").c
    wanted = or_(*(known.folded.like(f"%{word}%") for word in words))
    rows = session.execute(select(known.id, known.name).where(wanted).order_by(known.id).limit(MOST_PEOPLE))
    return [(row.id, _WORD.findall(folded(row.name))) for row in rows]


def _folded_by_sqlite(name: Any) -> ColumnElement[Any]:
    """Fold a name as :func:`folded` does; what is ASCII has no accents, and SQLite knows its lower case itself."""
    is_ascii = func.length(cast(name, LargeBinary)) == func.length(name)
    return case((is_ascii, func.lower(name)), else_=func.gigneo_folded(name))


def _folded_by_postgres(name: Any) -> ColumnElement[Any]:
    """Fold a name as :func:`folded` does; what is ASCII has no accents, and looking for them takes ten times as long."""
    decomposed = func.normalize(name, literal_column("NFKD"))
    plain = case(
        (func.octet_length(name) == func.char_length(name), name),
        else_=func.regexp_replace(decomposed, "[\u0300-\u036f]", "", "g"),
    )
    return func.lower(plain)


def _has(words: Sequence[str], beginning: str) -> bool:
    return any(word.startswith(beginning) for word in words)


def walked(window: Any, shape: int, names: Sequence[str]) -> ColumnElement[bool]:
    """Say which rows of a walk match.

    Args:
        window: the walk's columns: those of :data:`SEEN`.
        shape: of the :class:`Search`.
        names: the roles whose names are searched besides the title.
    """
    if shape == BY_NUMBER:
        numbered: ColumnElement[bool] = window.number.between(bindparam("from"), bindparam("to"))
        return numbered
    found: ColumnElement[bool] = true()
    for index in range(shape):
        people: Any = bindparam(f"people_{index}", expanding=True)
        sides = (window[f"{role}_id"].in_(people) for role in names)
        found &= or_(window.words.like(bindparam(f"word_{index}")), *sides)
    return found


SEEN: Final = (ORDERS.c.number, ORDERS.c.words, ORDERS.c.employer_id, ORDERS.c.freelancer_id)


@lru_cache(maxsize=16)
def indexed(shape: int, dialect: str) -> CTE:
    """Return the keys of all orders that match, by an index.

    Args:
        shape: of the :class:`Search`.
        dialect: ``sqlite`` or ``postgresql``.
    """
    keys: Select[Any] = select(ORDERS.c.id)
    if shape == BY_NUMBER:
        keys = keys.where(ORDERS.c.number.between(bindparam("from"), bindparam("to")))
    elif dialect == "sqlite":
        keys = select(INDEX.c.rowid.label("id")).where(MATCHES)
    else:
        words = func.to_tsvector(literal_column("'simple'::regconfig"), ORDERS.c.words)
        keys = keys.where(words.op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), bindparam("query"))))
    return keys.cte("matching").prefix_with("MATERIALIZED")
