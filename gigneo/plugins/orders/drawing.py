"""Draws the process as a picture: states as boxes, what leads from one to another as numbered arrows. Places are data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gigneo.contributions import LazyText
from gigneo.plugins.orders.describing import Row
from gigneo.plugins.orders.states import ACTIVE, CANCELLED, COMPLETED, DELIVERED, IN_REVISION, PENDING, STATES

WIDTH: Final = 960
HEIGHT: Final = 420
BOX: Final = (170, 52)

PLACES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        PENDING: (95, 90),
        ACTIVE: (350, 90),
        DELIVERED: (610, 90),
        COMPLETED: (865, 90),
        IN_REVISION: (610, 235),
        CANCELLED: (350, 380),
    }
)
"""The middle of each state's box."""

BENDS: Final[Mapping[tuple[str, str], tuple[int, int]]] = MappingProxyType(
    {
        (ACTIVE, COMPLETED): (610, -40),
        (DELIVERED, IN_REVISION): (560, 160),
        (IN_REVISION, DELIVERED): (660, 160),
        (IN_REVISION, COMPLETED): (800, 220),
        (PENDING, CANCELLED): (120, 300),
        (DELIVERED, CANCELLED): (410, 190),
        (IN_REVISION, CANCELLED): (530, 350),
    }
)
"""Where an arrow that can't be straight is drawn to on its way."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state in the picture: its name, its middle, and its tone."""

    label: LazyText
    x: int
    y: int
    tone: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """What leads from one state to another.

    Attributes:
        number: by which the table beside the picture names it.
        path: of the line, as SVG writes it.
        x: where its number stands.
        y: where its number stands.
        source: where it begins, for people.
        target: where it ends.
        rows: the actions that lead there.
    """

    number: int
    path: str
    x: int
    y: int
    source: LazyText
    target: LazyText
    rows: tuple[Row, ...]


def boxes() -> list[Box]:
    """Return the states with their places."""
    return [Box(state.label, *PLACES[state.name], state.tone) for state in STATES.values()]


def arrows(rows: Iterable[Row]) -> list[Arrow]:
    """Return one arrow for each pair of states that something leads between."""
    leading: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for state in row.states:
            if row.to and row.to != state and not row.replaced_by:
                leading.setdefault((state, row.to), []).append(row)
    return [
        Arrow(number, *_line(*pair), STATES[pair[0]].label, STATES[pair[1]].label, tuple(found))
        for number, (pair, found) in enumerate(leading.items(), 1)
    ]


def _line(source: str, target: str) -> tuple[str, int, int]:
    """Return the path from the edge of one box to the edge of another, and the middle of it."""
    bend = BENDS.get((source, target))
    (from_x, from_y), (to_x, to_y) = PLACES[source], PLACES[target]
    bend_x, bend_y = bend or ((from_x + to_x) // 2, (from_y + to_y) // 2)
    begin, end = _edge(PLACES[source], (bend_x, bend_y)), _edge(PLACES[target], (bend_x, bend_y))
    middle_x, middle_y = (begin[0] + 2 * bend_x + end[0]) // 4, (begin[1] + 2 * bend_y + end[1]) // 4
    return f"M{begin[0]} {begin[1]}Q{bend_x} {bend_y} {end[0]} {end[1]}", middle_x, middle_y


def _edge(box: tuple[int, int], towards: tuple[int, int]) -> tuple[int, int]:
    """Return the point on a box's edge that looks towards another point."""
    across, down = towards[0] - box[0], towards[1] - box[1]
    half_width, half_height = BOX[0] // 2 + 4, BOX[1] // 2 + 4
    if abs(across) * half_height > abs(down) * half_width:
        side = half_width if across > 0 else -half_width
        return box[0] + side, box[1] + down * half_width // max(1, abs(across))
    side = half_height if down > 0 else -half_height
    return box[0] + across * half_height // max(1, abs(down)), box[1] + side
