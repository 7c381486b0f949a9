"""What is looked for in the lists of orders: the beginning of a number, or words of titles and names."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, bindparam, or_

from gigneo.plugins.orders.loaders import NUMBER_LENGTH
from gigneo.plugins.orders.queries import ORDERS, PEOPLE

MOST_WORDS: Final = 5
LONGEST: Final = 100
BY_NUMBER: Final = -1
_NUMBER: Final = re.compile(rf"#?([0-9]{{1,{NUMBER_LENGTH}}})")


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for.

    Attributes:
        text: as typed, for the field.
        shape: which statement it needs: 0 nothing, :data:`BY_NUMBER`, or so many words.
        values: what is bound to it.
    """

    text: str = ""
    shape: int = 0
    values: Mapping[str, str] = field(default_factory=dict)


NOTHING: Final = Search()


def read_search(text: str) -> Search:
    """Return what was typed as something that can be looked for; at most :data:`MOST_WORDS` words count."""
    typed = " ".join(unicodedata.normalize("NFC", text).split())[:LONGEST]
    if not typed:
        return NOTHING
    if found := _NUMBER.fullmatch(typed):
        return Search(typed, BY_NUMBER, {"from": found[1], "to": found[1].ljust(NUMBER_LENGTH, "9")})
    words = typed.split()[:MOST_WORDS]
    return Search(typed, len(words), {f"word_{index}": f"%{_escaped(word)}%" for index, word in enumerate(words)})


def matching(statement: Select[Any], shape: int, names: Iterable[str]) -> Select[Any]:
    """Narrow a statement over orders to what is looked for.

    Args:
        statement: selects from orders.
        shape: of the :class:`Search`.
        names: the roles whose names are searched besides the title.
    """
    if shape == BY_NUMBER:
        return statement.where(ORDERS.c.number >= bindparam("from"), ORDERS.c.number <= bindparam("to"))
    if shape == 0:
        return statement
    searched: list[Any] = [ORDERS.c.title]
    for role in names:
        people = PEOPLE.alias(f"searched_{role}")
        statement = statement.join(people, people.c.id == ORDERS.c[f"{role}_id"])
        searched.append(people.c.name)
    for index in range(shape):
        word: Any = bindparam(f"word_{index}")
        statement = statement.where(or_(*(column.ilike(word, escape="\\") for column in searched)))
    return statement


def _escaped(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
