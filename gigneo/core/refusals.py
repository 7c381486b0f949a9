"""Typed refusals: what can't be done, with a reason for the person who asked and a code for programs."""

from collections.abc import Iterable

from gigneo.contributions import LazyText, Refusal


class RefusedBase(Exception):
    """An action was refused; nothing of it was written.

    Attributes:
        refusals: every reason, so that the person sees the whole list at once.
    """

    refusals: tuple[Refusal, ...] = ()

    def __str__(self) -> str:
        return " ".join(str(refusal.reason) for refusal in self.refusals)


class Refused(RefusedBase):
    """An action was refused for one reason.

    Args:
        reason: for the person who asked, a whole sentence.
        code: for programs and tests, stable.
        field: the form field that it is about, if it is about one.
    """

    def __init__(self, reason: LazyText, code: str = "refused", field: str | None = None) -> None:
        super().__init__(reason, code, field)
        self.reason, self.code, self.field = reason, code, field
        self.refusals = (Refusal(reason, code),)


class RefusedMany(RefusedBase):
    """An action was refused for several reasons, perhaps by several modules.

    Args:
        refusals: at least one.
    """

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(self.refusals)
        if not self.refusals:
            raise ValueError("A refusal needs a reason.")

    @property
    def reason(self) -> LazyText:
        """All reasons, one after the other."""
        return str(self)

    @property
    def code(self) -> str:
        """The first refusal's code."""
        return self.refusals[0].code

    @property
    def field(self) -> None:
        """Several reasons are about no single field."""
        return None
