"""The ledger: accounts, transfers and postings that the database itself keeps from being changed."""

# ruff: noqa: S608 - the guards are put together from the constants of this file

import sqlalchemy as sa
from alembic import op

revision = "wallet_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

OWNER_RULE = (
    "(kind IN ('available') AND user_id IS NOT NULL AND order_id IS NULL AND gateway IS NULL AND balance_minor IS NOT NULL)"
    " OR (kind IN ('escrow', 'clearing') AND order_id IS NOT NULL AND user_id IS NULL AND gateway IS NULL"
    " AND balance_minor IS NOT NULL)"
    " OR (kind IN ('commission', 'fees', 'adjustments', 'losses') AND user_id IS NULL AND order_id IS NULL"
    " AND gateway IS NULL AND balance_minor IS NULL)"
    " OR (kind IN ('outside', 'in_flight') AND gateway IS NOT NULL AND user_id IS NULL AND order_id IS NULL"
    " AND balance_minor IS NULL)"
)
APPEND_ONLY = "The ledger is append-only: correct a transfer by another one."
ONE_CURRENCY = "A posting moves one currency."
SAME_OWNER = "An account keeps its kind, its owner and its currency."


def upgrade() -> None:
    """Create the ledger and its guards."""
    _create_tables()
    _create_indexes()
    guards = SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRES_GUARDS
    for statement in guards:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop the ledger with all that is in it."""
    for table in ("wallet_order_terms", "wallet_posting", "wallet_transfer", "wallet_account"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("wallet_refuse_change", "wallet_one_currency", "wallet_same_owner"):
            op.execute(sa.text(f"DROP FUNCTION {function}()"))


def _create_tables() -> None:
    op.create_table(
        "wallet_account",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", BIG),
        sa.Column("order_id", BIG),
        sa.Column("gateway", sa.Text()),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance_minor", BIG),
        sa.CheckConstraint("balance_minor >= 0", name="floor"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint(OWNER_RULE, name="owner"),
        sa.ForeignKeyConstraint(["user_id"], ["account_user.id"], name="fk_wallet_account_user_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "wallet_transfer",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", BIG),
        sa.Column("actor_id", BIG),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.UniqueConstraint("key", name="uq_wallet_transfer_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "wallet_posting",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("transfer_id", BIG, nullable=False),
        sa.Column("debit_account_id", BIG, nullable=False),
        sa.Column("credit_account_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name="two_sides"),
        sa.ForeignKeyConstraint(["transfer_id"], ["wallet_transfer.id"], name="fk_wallet_posting_transfer_id"),
        sa.ForeignKeyConstraint(["debit_account_id"], ["wallet_account.id"], name="fk_wallet_posting_debit_account_id"),
        sa.ForeignKeyConstraint(["credit_account_id"], ["wallet_account.id"], name="fk_wallet_posting_credit_account_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "wallet_order_terms",
        sa.Column("order_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("employer_id", BIG, nullable=False),
        sa.Column("freelancer_id", BIG, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_minor", BIG, nullable=False),
        sa.Column("employer_fee_minor", BIG, nullable=False),
        sa.Column("commission_minor", BIG, nullable=False),
        sa.Column("paid_at", WHEN, nullable=False),
        sa.Column("released_at", WHEN),
        sa.Column("clears_at", WHEN),
        sa.Column("settled_at", WHEN),
        sa.CheckConstraint("price_minor >= 1", name="price"),
        sa.CheckConstraint("employer_fee_minor >= 0", name="employer_fee"),
        sa.CheckConstraint("commission_minor >= 0 AND commission_minor <= price_minor", name="commission"),
        sa.CheckConstraint("employer_id <> freelancer_id", name="two_people"),
        sa.ForeignKeyConstraint(["employer_id"], ["account_user.id"], name="fk_wallet_order_terms_employer_id"),
        sa.ForeignKeyConstraint(["freelancer_id"], ["account_user.id"], name="fk_wallet_order_terms_freelancer_id"),
        sqlite_strict=True,
    )


def _create_indexes() -> None:
    for owner in ("user_id", "order_id", "gateway"):
        _create_partial(
            f"uq_wallet_account_{owner.removesuffix('_id')}",
            "wallet_account",
            [owner, "kind", "currency"],
            f"{owner} IS NOT NULL",
            unique=True,
        )
    _create_partial(
        "uq_wallet_account_platform",
        "wallet_account",
        ["kind", "currency"],
        "user_id IS NULL AND order_id IS NULL AND gateway IS NULL",
        unique=True,
    )
    op.create_index("ix_wallet_transfer_order_id", "wallet_transfer", ["order_id"])
    op.create_index("ix_wallet_posting_transfer_id", "wallet_posting", ["transfer_id"])
    op.create_index("ix_wallet_posting_debit", "wallet_posting", ["debit_account_id", "id"])
    op.create_index("ix_wallet_posting_credit", "wallet_posting", ["credit_account_id", "id"])
    for party in ("employer", "freelancer"):
        _create_partial(f"ix_wallet_order_terms_open_{party}", "wallet_order_terms", [f"{party}_id"], "settled_at IS NULL")


def _create_partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _sqlite_append_only(table: str, taken: str) -> list[str]:
    """Refuse changes; REPLACE deletes without a DELETE trigger, so a row that is there already is refused before it."""
    refuse = f"SELECT RAISE(ABORT, '{APPEND_ONLY}')"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) BEGIN {refuse}; END",
    ]


SQLITE_GUARDS = [
    *_sqlite_append_only("wallet_transfer", "id = NEW.id OR key = NEW.key"),
    *_sqlite_append_only("wallet_posting", "id = NEW.id"),
    f"""CREATE TRIGGER wallet_posting_one_currency BEFORE INSERT ON wallet_posting
        WHEN (SELECT currency FROM wallet_account WHERE id = NEW.debit_account_id)
          <> (SELECT currency FROM wallet_account WHERE id = NEW.credit_account_id)
        BEGIN SELECT RAISE(ABORT, '{ONE_CURRENCY}'); END""",
    f"""CREATE TRIGGER wallet_account_same_owner BEFORE UPDATE ON wallet_account
        WHEN OLD.kind IS NOT NEW.kind OR OLD.user_id IS NOT NEW.user_id OR OLD.order_id IS NOT NEW.order_id
          OR OLD.gateway IS NOT NEW.gateway OR OLD.currency IS NOT NEW.currency OR OLD.id IS NOT NEW.id
        BEGIN SELECT RAISE(ABORT, '{SAME_OWNER}'); END""",
]


def _postgres_function(name: str, condition: str, message: str, answer: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF;"
        f" RETURN {answer}; END $$"
    )


POSTGRES_GUARDS = [
    _postgres_function("wallet_refuse_change", "true", APPEND_ONLY, "NULL"),
    _postgres_function(
        "wallet_one_currency",
        "(SELECT currency FROM wallet_account WHERE id = NEW.debit_account_id)"
        " <> (SELECT currency FROM wallet_account WHERE id = NEW.credit_account_id)",
        ONE_CURRENCY,
        "NEW",
    ),
    _postgres_function(
        "wallet_same_owner",
        "ROW(OLD.id, OLD.kind, OLD.user_id, OLD.order_id, OLD.gateway, OLD.currency)"
        " IS DISTINCT FROM ROW(NEW.id, NEW.kind, NEW.user_id, NEW.order_id, NEW.gateway, NEW.currency)",
        SAME_OWNER,
        "NEW",
    ),
    *(
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH {each}"
        " EXECUTE FUNCTION wallet_refuse_change()"
        for table in ("wallet_transfer", "wallet_posting")
        for what, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
    ),
    "CREATE TRIGGER wallet_posting_one_currency BEFORE INSERT ON wallet_posting FOR EACH ROW"
    " EXECUTE FUNCTION wallet_one_currency()",
    "CREATE TRIGGER wallet_account_same_owner BEFORE UPDATE ON wallet_account FOR EACH ROW EXECUTE FUNCTION wallet_same_owner()",
]
