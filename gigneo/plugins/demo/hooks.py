"""What the demo asks of other modules while it tells the stories of its orders."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from gigneo.api import hookspec

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class DemoChapter:
    """A moment after a demo order's end, when one side might still do something.

    Attributes:
        number: the order's public number.
        person_id: whose moment it is.
        role: ``employer`` or ``freelancer``.
        other: the other side's first name.
        work: what was made.
        rng: the order's own, so that the same seed gives the same marketplace.
    """

    number: str
    person_id: int
    role: str
    other: str
    work: str
    rng: Random


class DemoSpecs:
    """The hooks of the demo."""

    @hookspec("participant")
    def demo_story_ending(self, chapter: DemoChapter, session: "Session") -> None:
        """Do what somebody does after an order of the demo is completed, by use cases, at the story's time."""


SPECS = (DemoSpecs,)
"""The spec classes that join the site's."""
