"""What a part of the bench gives: figures, each with its aim and whether it is met."""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EMAIL: Final = "employer@demo.example"
PASSWORD: Final = "demo-demo-demo"


@dataclass(frozen=True)
class Bench:
    """What the parts are given.

    Attributes:
        home: of a SQLite site that holds the demo marketplace.
        folder: for what a part makes.
        wanted: the command line.
    """

    home: Path
    folder: Path
    wanted: argparse.Namespace


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name: what was measured.
        figure: the result.
        unit: of the figure and its aim.
        at_least: the aim, where more is better.
        at_most: the aim, where less is better.
        more: absolute figures, and how it came about.
    """

    name: str
    figure: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    more: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; ``None`` without one."""
        if self.at_least is not None:
            return self.figure >= self.at_least
        return None if self.at_most is None else self.figure <= self.at_most

    def __str__(self) -> str:
        aim = (
            ""
            if self.met is None
            else f"at least {self.at_least:g}"
            if self.at_least is not None
            else f"at most {self.at_most:g}"
        )
        told = {True: "met", False: "NOT MET", None: ""}[self.met]
        figure = f"{self.figure:.0f}" if self.figure >= 20 else f"{self.figure:.3f}" if self.unit == "s" else f"{self.figure:.2f}"
        return f"{self.name:<44} {figure:>8} {self.unit:<4} {aim:<15} {told:<8} {self.more}".rstrip()


Part = Callable[[Bench], Iterable[Row]]
