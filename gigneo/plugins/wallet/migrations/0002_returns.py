"""The frozen rate, and what an administrator gave back of an order's money while it was clearing, kept with the order's terms."""

import sqlalchemy as sa
from alembic import op

revision = "wallet_0002"
down_revision = "wallet_0001"
branch_labels = None
depends_on = None

TABLE = "wallet_order_terms"
RATE = ("rate_basis_points", "rate", "rate_basis_points >= 0 AND rate_basis_points <= 10000")
RULES = {
    "awarded": ("awarded_minor >= 0 AND awarded_minor <= price_minor AND (awarded_minor = 0 OR released_at IS NOT NULL)"),
    "commission_back": (
        "commission_back_minor >= 0 AND commission_back_minor <= commission_minor"
        " AND commission_back_minor <= awarded_minor"
        " AND commission_minor - commission_back_minor <= price_minor - awarded_minor"
    ),
    "fee_back": (
        "fee_back_minor >= 0 AND fee_back_minor <= employer_fee_minor"
        " AND (awarded_minor > 0 OR fee_back_minor = 0)"
        " AND (awarded_minor < price_minor OR fee_back_minor = employer_fee_minor)"
    ),
}
"""Column without its unit → what ties it to the price, the commission and the fee."""

ONLY_MORE = "What an order gave back is never taken away again, and nothing is added once its money is settled."
SHRINKS = " OR ".join(f"NEW.{name}_minor < OLD.{name}_minor" for name in RULES)
DIFFERS = " OR ".join(f"NEW.{name}_minor <> OLD.{name}_minor" for name in RULES)
REFUSED = f"{SHRINKS} OR (OLD.settled_at IS NOT NULL AND ({DIFFERS}))"


def upgrade() -> None:
    """Add the columns and their guard. SQLite adds them in place, so that the table stays STRICT and keeps its indexes."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    whole_number = "INTEGER" if sqlite else "BIGINT"
    for column, name, rule in (RATE, *((f"{name}_minor", name, rule) for name, rule in RULES.items())):
        _run(
            f"ALTER TABLE {TABLE} ADD COLUMN {column} {whole_number} DEFAULT 0 NOT NULL"
            f" CONSTRAINT ck_{TABLE}_{name} CHECK ({rule})"
        )
    for statement in SQLITE_GUARD if sqlite else POSTGRES_GUARD:
        _run(statement)


def downgrade() -> None:
    """Drop them. Orders that gave something back can't be proven any more then."""
    if op.get_bind().dialect.name == "sqlite":
        _run(f"DROP TRIGGER {TABLE}_only_more")
    else:
        _run(f"DROP TRIGGER {TABLE}_only_more ON {TABLE}")
        _run("DROP FUNCTION wallet_only_more()")
    for name in reversed(RULES):
        _run(f"ALTER TABLE {TABLE} DROP COLUMN {name}_minor")
    _run(f"ALTER TABLE {TABLE} DROP COLUMN rate_basis_points")


def _run(statement: str) -> None:
    op.execute(sa.text(statement))


SQLITE_GUARD = [
    f"CREATE TRIGGER {TABLE}_only_more BEFORE UPDATE ON {TABLE} WHEN {REFUSED} BEGIN SELECT RAISE(ABORT, '{ONLY_MORE}'); END"
]
POSTGRES_GUARD = [
    "CREATE FUNCTION wallet_only_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF {REFUSED} THEN RAISE EXCEPTION '{ONLY_MORE}' USING ERRCODE = 'restrict_violation'; END IF;"
    " RETURN NEW; END $$",
    f"CREATE TRIGGER {TABLE}_only_more BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION wallet_only_more()",
]
