"""How a backup says how far it is; the command line draws it."""

from typing import Protocol


class Progress(Protocol):
    """Told of stages, one after the other."""

    def stage(self, what: str, total_bytes: int = 0) -> None:
        """Begin a stage.

        Args:
            what: for people.
            total_bytes: how much there is to do; 0 when nobody knows.
        """
        ...

    def advance(self, count_bytes: int) -> None:
        """Go on by so many bytes."""
        ...


class Silent:
    """Says nothing."""

    def stage(self, what: str, total_bytes: int = 0) -> None:
        """Begin a stage."""

    def advance(self, count_bytes: int) -> None:
        """Go on."""
