"""Gigneo → Ledger: what is in which kind of account, the latest transfers, and the proof that it adds up."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select
from sqlmodel import Session

from gigneo.api import names_of, permission, prepared, read
from gigneo.contributions import LazyText
from gigneo.plugins.wallet.audit import prove, totals
from gigneo.plugins.wallet.kinds import ACCOUNT_LABELS, LABELS
from gigneo.plugins.wallet.ledger import accounts, postings, transfers
from gigneo.plugins.wallet.terms import terms

PAGE: Final = 25
_ID: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One movement of a transfer, for the administrator.

    Attributes:
        source: the kind of account that the money left.
        source_user: whose it is, or ``None``.
        target: the kind of account where it arrived.
        target_user: whose it is, or ``None``.
        amount_minor: how much.
        currency: ISO 4217.
    """

    source: LazyText
    source_user: int | None
    target: LazyText
    target_user: int | None
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A transfer with its movements, for the administrator.

    Attributes:
        id: the transfer; the key of paging.
        at: when.
        label: what happened.
        number: the order's public number, or empty.
        actor_id: who did it, or ``None`` for the system.
        lines: its movements.
    """

    id: int
    at: datetime
    label: LazyText
    number: str
    actor_id: int | None
    lines: tuple[LedgerLine, ...]


def add_routes(blueprint: Blueprint) -> None:
    """Add the administrator's screens to the wallet's blueprint."""

    @blueprint.get("/admin/ledger")
    @permission("wallet.audit")
    def ledger() -> ResponseReturnValue:
        """Show the totals and the latest transfers."""
        session = read()
        given = request.args.get("before", "")
        entries, older = latest(session, int(given) if _ID.fullmatch(given) else None)
        people = {entry.actor_id for entry in entries}
        people |= {user for entry in entries for line in entry.lines for user in (line.source_user, line.target_user)}
        return render_template(
            "wallet/ledger.html",
            totals=totals(session),
            labels=ACCOUNT_LABELS,
            entries=entries,
            names=names_of(session, (user for user in people if user is not None)),
            first_page=not given,
            older=url_for("wallet.ledger", before=older) if older else None,
        )

    @blueprint.get("/admin/ledger/audit")
    @permission("wallet.audit")
    def proof() -> ResponseReturnValue:
        """Run the audit and show what it found."""
        return render_template("wallet/proof.html", report=prove(read()), labels=ACCOUNT_LABELS)


def latest(session: Session, before: int | None) -> tuple[list[LedgerEntry], int | None]:
    """Return a page of transfers, newest first, and the transfer to page on from.

    Args:
        session: reads them.
        before: show what is older than this transfer.
    """
    facts = session.execute(_FACTS, {"edge": before if before is not None else 2**63 - 1}).all()
    lines: dict[int, list[LedgerLine]] = {}
    for row in session.execute(_LINES, {"ids": [fact.id for fact in facts[:PAGE]]}):
        source, target = ACCOUNT_LABELS.get(row.source, row.source), ACCOUNT_LABELS.get(row.target, row.target)
        line = LedgerLine(source, row.source_user, target, row.target_user, row.amount_minor, row.currency)
        lines.setdefault(row.transfer_id, []).append(line)
    entries = [
        LedgerEntry(
            fact.id,
            fact.created_at,
            LABELS.get(fact.kind, fact.kind),
            fact.number or "",
            fact.actor_id,
            tuple(lines.get(fact.id, ())),
        )
        for fact in facts[:PAGE]
    ]
    return entries, entries[-1].id if len(facts) > PAGE else None


_FACTS = prepared(
    select(transfers.c.id, transfers.c.created_at, transfers.c.kind, transfers.c.actor_id, terms.c.number)
    .outerjoin(terms, terms.c.order_id == transfers.c.order_id)
    .where(transfers.c.id < bindparam("edge"))
    .order_by(transfers.c.id.desc())
    .limit(PAGE + 1)
)
_source, _target = accounts.alias("source"), accounts.alias("target")
_LINES = prepared(
    select(
        postings.c.transfer_id,
        postings.c.amount_minor,
        _source.c.kind.label("source"),
        _source.c.user_id.label("source_user"),
        _source.c.currency,
        _target.c.kind.label("target"),
        _target.c.user_id.label("target_user"),
    )
    .join_from(postings, _source, _source.c.id == postings.c.debit_account_id)
    .join(_target, _target.c.id == postings.c.credit_account_id)
    .where(postings.c.transfer_id.in_(bindparam("ids", expanding=True)))
    .order_by(postings.c.id)
)
