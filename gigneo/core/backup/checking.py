"""What is looked at before a restored site opens: what ``gigneo doctor`` looks at, and how each module proves its rows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gigneo.core.crash import crash_point
from gigneo.core.db import restoring
from gigneo.core.doctor import RESTORE, Finding, examine
from gigneo.core.modules.states import record_observations

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime


def check(runtime: "Runtime") -> list[Finding]:
    """Look at everything; the mark of the restore itself is no finding.

    Args:
        runtime: the process's ground, with every table at the installed code.
    """
    crash_point("mid-check")
    record_observations(runtime, runtime.rebuild())
    return [*(each for each in examine(runtime) if each.subject != RESTORE), *_proofs(runtime)]


def is_well(findings: list[Finding]) -> bool:
    """Return whether nothing is a problem."""
    return all(each.level != "problem" for each in findings)


def open_site(runtime: "Runtime") -> None:
    """Take the mark off, so that the site is served and its tasks run."""
    restoring.finish(runtime)


def _proofs(runtime: "Runtime") -> Iterator[Finding]:
    with runtime.site.app.app_context():
        for check in runtime.site.contributions.self_checks:
            try:
                with runtime.read() as session:
                    wrong = list(check.run(session))
            except Exception as error:
                wrong = [f"Could not be proven: {error!r}"]
            yield from (Finding(check.name, "problem", each) for each in wrong)
            if not wrong:
                yield Finding(check.name, "ok", f"{check.label}: proven, nothing to name")
