"""How a message's headers are written out."""

from email.policy import EmailPolicy
from typing import Any, Final

_WHOLE: Final = frozenset({"list-unsubscribe"})
"""Headers of one long address. Python would write it as encoded words where it is longer than a line, which nobody reads."""


class MailPolicy(EmailPolicy):
    """Lines end as SMTP wants it, and an address stays in one piece."""

    def fold(self, name: str, value: Any) -> str:
        """Return a header as text."""
        return f"{name}: {value}{self.linesep}" if name.lower() in _WHOLE else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as bytes."""
        return self.fold(name, value).encode("ascii") if name.lower() in _WHOLE else super().fold_binary(name, value)


POLICY: Final = MailPolicy(linesep="\r\n")

__all__ = ["POLICY", "MailPolicy"]
