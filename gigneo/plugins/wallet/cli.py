"""``gigneo wallet audit``: proves the ledger, for people or for programs."""

import json

import click

from gigneo.api import fmt, read
from gigneo.plugins.wallet.audit import Report, prove
from gigneo.plugins.wallet.kinds import ACCOUNT_LABELS


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
def audit(as_json: bool) -> None:
    """Prove the ledger: every balance, every order, every posting. Exits with 1 when something doesn't add up."""
    report = prove(read())
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        _tell(report)
    if not report.ok:
        raise SystemExit(1)


def _tell(report: Report) -> None:
    for violation in report.violations:
        click.echo(violation.sentence)
    for currency, kinds in report.totals.items():
        for kind, total in kinds.items():
            click.echo(f"{ACCOUNT_LABELS.get(kind, kind)!s:<12} {fmt.money(total, currency):>20}")
    if report.ok:
        click.echo(f"The ledger is proven: {report.checks} checks, nothing to name.")
    else:
        click.echo(f"{len(report.violations)} violations.")
