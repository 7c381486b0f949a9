"""Requests, feedback, the times of an order, timers, and freelancers' records.

Orders that are under way go on: what is delivered is reviewed from now on for as long as the product says by itself, drafts
can be given feedback, holds go on standing. The timers are armed by the first worker that runs the new version.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "orders_0002"
down_revision = "orders_0001"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
KINDS = "'cancellation', 'extension', 'administrator'"
STATES = "'open', 'accepted', 'rejected', 'withdrawn', 'answered', 'lapsed'"
FLAGS = ("against_freelancer", "review_stopped", "review_extended")
TIMES = ("pay_until", "draft_at", "review_until", "reminded_at", "late_at", "refused_at", "held_at", "undeliverable_at")
REVIEW = timedelta(days=3)
TO_PAY = timedelta(hours=24)
RECORDED = timedelta(days=365)


def upgrade() -> None:
    """Go to this revision."""
    for name in FLAGS:
        op.add_column("orders_order", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in TIMES:
        op.add_column("orders_order", sa.Column(name, WHEN))
    op.add_column("orders_order", sa.Column("review_left_seconds", sa.Integer()))
    for role in ("employer", "freelancer"):
        op.drop_index(f"ix_orders_order_{role}_due", "orders_order")
        op.create_index(f"ix_orders_order_{role}_due", "orders_order", [f"{role}_id", "kind", "state", "due_at", "id"])
    op.create_index("ix_orders_order_freelancer_finished", "orders_order", ["freelancer_id", "finished_at"])
    op.create_table(
        "orders_feedback",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("delivery_id", BIG_KEY, sa.ForeignKey("orders_delivery.id"), nullable=False),
        sa.Column("employer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
    )
    op.create_index("ix_orders_feedback_order", "orders_feedback", ["order_id", "id"])
    op.create_table(
        "orders_request",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_by_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("to_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("answer_by", WHEN),
        sa.Column("silent_at", WHEN),
        sa.Column("stops_review", sa.Boolean(), nullable=False),
        sa.Column("silence_agrees", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", WHEN),
        sa.Column("answered_by_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        sa.CheckConstraint("(kind = 'extension') = (days IS NOT NULL)", name="days"),
        sa.CheckConstraint("days IS NULL OR days >= 1", name="days_positive"),
    )
    op.create_index("ix_orders_request_order", "orders_request", ["order_id", "id"])
    op.create_index("ix_orders_request_to", "orders_request", ["to_id", "state", "order_id"])
    op.create_index("ix_orders_request_kind", "orders_request", ["kind", "state", "order_id"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_orders_request_open",
        "orders_request",
        ["order_id", "kind"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "orders_record",
        sa.Column("freelancer_id", BIG_KEY, sa.ForeignKey("account_user.id"), primary_key=True, autoincrement=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("counted_at", WHEN, nullable=False),
        sa.CheckConstraint("cancelled >= 0 AND completed >= 0 AND cancelled + completed <= finished", name="counts"),
        sa.CheckConstraint("on_time >= 0 AND on_time <= delivered", name="on_time"),
    )

    op.create_table(
        "orders_timer",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
    )
    _carry_over(datetime.now(UTC))
    _index_words()


def _index_words() -> None:
    """Give orders their words, and index them; SQLite does so in a table, which a trigger fills."""
    op.add_column("orders_order", sa.Column("words", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    write = sa.text("UPDATE orders_order SET words = :words WHERE id = :id")
    there = connection.execute(sa.text("SELECT id, title, employer_id, freelancer_id FROM orders_order")).all()
    for first in range(0, len(there), 1000):
        chunk = there[first : first + 1000]
        connection.execute(write, [{"id": row.id, "words": _words(*row[1:])} for row in chunk])
    # Bytes are compared, so that the words with a beginning stand together whatever the database's language is.
    bytewise = None if connection.dialect.name == "sqlite" else "C"
    op.create_table("orders_word", sa.Column("word", sa.Text(collation=bytewise), primary_key=True))
    known = {word for row in there for word in _words(row.title, 0, 0).split() if not word.startswith(MARK)}
    if known:
        connection.execute(sa.text("INSERT INTO orders_word (word) VALUES (:word)"), [{"word": word} for word in sorted(known)])
    for statement in INDEXED[connection.dialect.name]:
        op.execute(sa.text(statement))


def _words(title: str, employer_id: int, freelancer_id: int) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", title) if not unicodedata.combining(letter))
    words = re.findall(r"[^\W_]+", plain.lower().replace(MARK, "w"))
    return f" {' '.join(words)} {MARK}{employer_id} {MARK}{freelancer_id} "


MARK = "\u01bf"
INDEXED = {
    "sqlite": (
        "CREATE VIRTUAL TABLE orders_search USING fts5"
        " (words, content='orders_order', content_rowid='id', detail='none', tokenize='unicode61 remove_diacritics 0')",
        "INSERT INTO orders_search (orders_search) VALUES ('rebuild')",
        "CREATE TRIGGER orders_order_search AFTER INSERT ON orders_order BEGIN"
        " INSERT INTO orders_search (rowid, words) VALUES (NEW.id, NEW.words); END",
        "CREATE TRIGGER orders_order_search_again AFTER UPDATE OF words ON orders_order BEGIN"
        " INSERT INTO orders_search (orders_search, rowid, words) VALUES ('delete', OLD.id, OLD.words);"
        " INSERT INTO orders_search (rowid, words) VALUES (NEW.id, NEW.words); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_orders_order_search ON orders_order USING gin (to_tsvector('simple'\\:\\:regconfig, words))",
    ),
}


def _carry_over(now: datetime) -> None:
    """Give the orders that are there what their new columns would have by now."""
    values = {"now": now, "review_until": now + REVIEW, "left": int(REVIEW.total_seconds()), "to_pay": now + TO_PAY}
    times = [sa.bindparam(name, type_=WHEN) for name in ("now", "review_until", "to_pay", "since")]
    for statement in CARRIED_OVER:
        wanted = [time for time in times if f":{time.key}" in statement]
        given = {name: value for name, value in {**values, "since": now - RECORDED}.items() if f":{name}" in statement}
        op.get_bind().execute(sa.text(statement).bindparams(*wanted), given)


STANDING = "FROM orders_hold AS hold WHERE hold.order_id = orders_order.id AND hold.lifted_at IS NULL"
CARRIED_OVER = (
    "UPDATE orders_order SET against_freelancer = TRUE WHERE cancelled_by = 'freelancer'",
    "UPDATE orders_order SET pay_until = :to_pay WHERE state = 'pending_payment'",
    f"UPDATE orders_order SET held_at = (SELECT min(hold.placed_at) {STANDING})",  # noqa: S608
    f"UPDATE orders_order SET undeliverable_at = (SELECT min(hold.placed_at) {STANDING}"  # noqa: S608
    " AND hold.actions LIKE '%\"deliver_final\"%') WHERE held_at IS NOT NULL",
    "UPDATE orders_order SET review_until = :review_until WHERE state = 'delivered' AND held_at IS NULL",
    "UPDATE orders_order SET review_left_seconds = :left WHERE state = 'delivered' AND held_at IS NOT NULL",
    "UPDATE orders_order SET draft_at = (SELECT max(draft.at) FROM orders_delivery AS draft"
    " WHERE draft.order_id = orders_order.id AND NOT draft.final AND NOT EXISTS (SELECT 1 FROM orders_delivery AS later"
    " WHERE later.order_id = draft.order_id AND later.final AND later.id > draft.id)) WHERE state IN ('active', 'in_revision')",
    "INSERT INTO orders_record (freelancer_id, finished, completed, cancelled, delivered, on_time, counted_at)"
    " SELECT freelancer_id, count(*), count(CASE WHEN state = 'completed' THEN 1 END),"
    " count(CASE WHEN against_freelancer THEN 1 END), count(on_time), count(CASE WHEN on_time THEN 1 END), :now"
    " FROM orders_order WHERE finished_at > :since AND started_at IS NOT NULL GROUP BY freelancer_id",
)
"""In this order: the later ones look at what the earlier ones wrote."""


def downgrade() -> None:
    """Go back."""
    gone = ("TRIGGER orders_order_search", "TRIGGER orders_order_search_again", "TABLE orders_search")
    for what in gone if op.get_bind().dialect.name == "sqlite" else ("INDEX ix_orders_order_search",):
        op.execute(sa.text(f"DROP {what}"))
    for role in ("employer", "freelancer"):
        op.drop_index(f"ix_orders_order_{role}_due", "orders_order")
        op.create_index(f"ix_orders_order_{role}_due", "orders_order", [f"{role}_id", "kind", "due_at", "id"])
    for table in ("orders_word", "orders_timer", "orders_record", "orders_request", "orders_feedback"):
        op.drop_table(table)
    op.drop_index("ix_orders_order_freelancer_finished", "orders_order")
    with op.batch_alter_table("orders_order") as batch:
        for name in (*FLAGS, *TIMES, "review_left_seconds", "words"):
            batch.drop_column(name)
