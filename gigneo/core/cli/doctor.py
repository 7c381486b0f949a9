"""``gigneo doctor``: what is not as it should be with a deployment. It imports no module and repairs nothing."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import dump, examples, json_option, say

if TYPE_CHECKING:
    from gigneo.core.doctor import Finding

MARKS = {"ok": ("✓", "green"), "warning": ("•", "yellow"), "problem": ("✗", "red")}


@click.command(epilog=examples("gigneo doctor", "gigneo doctor --json"))
@json_option
def doctor(as_json: bool) -> None:
    """Say what is not as it should be, and what to do; leaves with 1 when there is a problem."""
    from gigneo.core.doctor import examine

    with open_runtime(current_schema=False) as runtime:
        findings = examine(runtime)
    if as_json:
        dump([asdict(each) for each in findings])
    else:
        for each in findings:
            say(line(each))
    sys.exit(1 if any(each.level == "problem" for each in findings) else 0)


def line(finding: "Finding") -> str:
    """Return a finding as a line for people."""
    mark, colour = MARKS[finding.level]
    return f"{click.style(mark, fg=colour)} {finding.subject}: {finding.text}"
