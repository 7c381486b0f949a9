"""Proves the ledger from its rows alone, and names whatever doesn't add up."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from gigneo.plugins.wallet.audit_checks import CHECKS, TOTALS

SHOWN_PER_CHECK: Final = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that doesn't add up.

    Attributes:
        check: the name of the check that found it.
        subject: what it is about, as in ``account 12`` or ``order 8350241``.
        message: what it means.
        expected: the amount that should be there, where there is one.
        found: the amount that is there, where there is one.
    """

    check: str
    subject: str
    message: str
    expected: int | None = None
    found: int | None = None

    @property
    def sentence(self) -> str:
        """The violation as a line for people."""
        amounts = "" if self.found is None else f" (expected {self.expected}, found {self.found})"
        return f"{self.check}: {self.subject}: {self.message}{amounts}"


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found.

    Attributes:
        violations: at most a hundred of each check.
        totals: currency → kind of account → what is there.
        checks: how many things were checked.
    """

    violations: tuple[Violation, ...]
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    checks: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything adds up."""
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "ok": self.ok,
            "violations": [asdict(one) for one in self.violations],
            "totals": {currency: dict(kinds) for currency, kinds in self.totals.items()},
        }


def prove(session: Session) -> Report:
    """Run every check, on one snapshot of the ledger where the database gives one.

    Args:
        session: reads; nothing is locked or written.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET LOCAL statement_timeout = 0"))  # a large ledger takes its time
    checks = [check for check in CHECKS if sqlite or not check.sqlite_only]
    violations = []
    for check in checks:
        for subject, expected, found in session.execute(text(check.sql)).fetchmany(SHOWN_PER_CHECK):
            violations.append(Violation(check.name, str(subject), str(check.message), _whole(expected), _whole(found)))
    return Report(tuple(violations), totals(session), len(checks))


def sentences(session: Session) -> Iterator[str]:
    """Yield what doesn't add up, one sentence for each violation."""
    for violation in prove(session).violations:
        yield violation.sentence


def totals(session: Session) -> dict[str, dict[str, int]]:
    """Return what is in each kind of account, by currency, from the postings."""
    found: dict[str, dict[str, int]] = {}
    for currency, kind, total in session.execute(text(TOTALS)):
        found.setdefault(currency, {})[kind] = int(total)
    return found


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
