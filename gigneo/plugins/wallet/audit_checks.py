"""What the audit asks of the ledger, as data: each check is one set-wise statement that finds what is wrong.

The statements look at the rows alone, not at the code that wrote them; what the code promises and what the database
refuses is checked here a third time.
"""

# ruff: noqa: S608 - the statements are put together from the constants of this file

from dataclasses import dataclass
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.wallet.audit_returns import RETURN_DIFFERS, RETURN_SPLIT
from gigneo.plugins.wallet.models import OWNER_RULE


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so.

    Attributes:
        name: stable, for programs and tests.
        message: what a row that it finds means, for people.
        sql: gives a row of ``subject, expected, found`` for each violation.
        sqlite_only: for what another database can't even store.
    """

    name: str
    message: LazyText
    sql: str
    sqlite_only: bool = False


MOVED: Final = """
    WITH moved AS (
        SELECT account, SUM(amount) AS total
          FROM (SELECT credit_account_id AS account, amount_minor AS amount FROM wallet_posting
                UNION ALL
                SELECT debit_account_id, -amount_minor FROM wallet_posting) AS sides
         GROUP BY account),
    held AS (
        SELECT a.id, a.kind, a.currency, a.user_id, a.order_id, a.balance_minor, COALESCE(m.total, 0) AS total
          FROM wallet_account a LEFT JOIN moved m ON m.account = a.id)
"""
"""Each account with what its postings add up to."""

_ORDER: Final = (
    MOVED
    + """,
    money AS (
        SELECT t.*, t.price_minor - t.awarded_minor - t.commission_minor + t.commission_back_minor AS payout,
               COALESCE(there.escrow, 0) AS escrow, COALESCE(there.clearing, 0) AS clearing
          FROM wallet_order_terms t
          LEFT JOIN (SELECT order_id, SUM(CASE WHEN kind = 'escrow' THEN total ELSE 0 END) AS escrow,
                            SUM(CASE WHEN kind = 'clearing' THEN total ELSE 0 END) AS clearing
                       FROM held WHERE order_id IS NOT NULL GROUP BY order_id) there ON there.order_id = t.order_id)
"""
)

_FACTS: Final = """
    WITH facts AS (
        SELECT t.order_id, t.number, t.released_at, t.settled_at, t.awarded_minor,
               t.price_minor - t.awarded_minor - t.commission_minor + t.commission_back_minor AS payout,
               COUNT(CASE WHEN f.kind = 'order_paid' THEN 1 END) AS paid,
               COUNT(CASE WHEN f.kind = 'order_released' THEN 1 END) AS released,
               COUNT(CASE WHEN f.kind = 'order_cleared' THEN 1 END) AS cleared,
               COUNT(CASE WHEN f.kind = 'order_refunded' THEN 1 END) AS refunded,
               COUNT(CASE WHEN f.kind = 'order_returned' THEN 1 END) AS returned,
               COUNT(CASE WHEN f.kind = 'order_returned'
                           AND f.key = 'order\\:' || t.order_id || '\\:order_returned\\:' || t.awarded_minor THEN 1 END) AS newest
          FROM wallet_order_terms t LEFT JOIN wallet_transfer f ON f.order_id = t.order_id
         GROUP BY t.order_id, t.number, t.released_at, t.settled_at, t.price_minor, t.commission_minor, t.awarded_minor,
                  t.commission_back_minor)
"""
"""How often each fact was booked for each order; ``newest`` is the one that gave back as much as the terms say in all."""

_LINES: Final = """
    SELECT f.id, f.kind, f.order_id, p.id AS posting_id, p.amount_minor, s.kind AS source, s.user_id AS source_user,
           s.order_id AS source_order, d.kind AS target, d.user_id AS target_user, d.order_id AS target_order
      FROM wallet_transfer f
      JOIN wallet_posting p ON p.transfer_id = f.id
      JOIN wallet_account s ON s.id = p.debit_account_id
      JOIN wallet_account d ON d.id = p.credit_account_id
"""

_TAKEN: Final = (
    """
    WITH taken AS (
        SELECT t.order_id, t.number, t.commission_minor - t.commission_back_minor AS commission_due,
               t.employer_fee_minor - t.fee_back_minor AS fees_due,
               COALESCE(SUM(CASE WHEN lines.target = 'commission' THEN lines.amount_minor
                                 WHEN lines.source = 'commission' THEN -lines.amount_minor END), 0) AS commission,
               COALESCE(SUM(CASE WHEN lines.target = 'fees' THEN lines.amount_minor
                                 WHEN lines.source = 'fees' THEN -lines.amount_minor END), 0) AS fees
          FROM wallet_order_terms t LEFT JOIN ("""
    + _LINES
    + """) AS lines
            ON lines.order_id = t.order_id AND (lines.target IN ('commission', 'fees') OR lines.source IN ('commission', 'fees'))
         WHERE t.released_at IS NOT NULL
         GROUP BY t.order_id, t.number, t.commission_minor, t.commission_back_minor, t.employer_fee_minor, t.fee_back_minor)
"""
)
"""What the platform took from each released order less what it gave back, beside what its terms say."""

CHECKS: Final = (
    Check(
        "balance_differs",
        _l("The balance of an account is not what its postings add up to."),
        MOVED
        + """SELECT 'account ' || id, total, balance_minor FROM held
              WHERE balance_minor IS NOT NULL AND balance_minor <> total ORDER BY id""",
    ),
    Check(
        "below_zero",
        _l("An account of a person or an order is below zero."),
        MOVED
        + """SELECT 'account ' || id, 0, CASE WHEN total < balance_minor THEN total ELSE balance_minor END FROM held
              WHERE balance_minor IS NOT NULL AND (balance_minor < 0 OR total < 0) ORDER BY id""",
    ),
    Check(
        "account_owner",
        _l("An account has an owner that its kind does not have, or keeps a balance that it should not."),
        "SELECT 'account ' || id, NULL, NULL FROM wallet_account WHERE NOT (" + OWNER_RULE + ") ORDER BY id",
    ),
    Check(
        "account_twice",
        _l("Somebody has the same account twice."),
        """SELECT 'account ' || MIN(id), 1, COUNT(*) FROM wallet_account
            GROUP BY kind, currency, user_id, order_id, gateway HAVING COUNT(*) > 1""",
    ),
    Check(
        "amount_not_positive",
        _l("A posting moves nothing, or less."),
        "SELECT 'posting ' || id, NULL, amount_minor FROM wallet_posting WHERE amount_minor <= 0 ORDER BY id",
    ),
    Check(
        "amount_not_integer",
        _l("An amount is not a whole number."),
        """SELECT 'posting ' || id, NULL, NULL FROM wallet_posting WHERE typeof(amount_minor) <> 'integer'
            UNION ALL
           SELECT 'account ' || id, NULL, NULL FROM wallet_account WHERE typeof(balance_minor) NOT IN ('integer', 'null')
            UNION ALL
           SELECT 'order ' || number, NULL, NULL FROM wallet_order_terms
            WHERE typeof(price_minor) <> 'integer' OR typeof(commission_minor) <> 'integer'
               OR typeof(employer_fee_minor) <> 'integer' OR typeof(awarded_minor) <> 'integer'
               OR typeof(commission_back_minor) <> 'integer' OR typeof(fee_back_minor) <> 'integer'""",
        sqlite_only=True,
    ),
    Check(
        "same_account",
        _l("A posting goes from an account to itself."),
        "SELECT 'posting ' || id, NULL, NULL FROM wallet_posting WHERE debit_account_id = credit_account_id ORDER BY id",
    ),
    Check(
        "orphan_posting",
        _l("A posting belongs to a transfer or an account that is not there."),
        """SELECT 'posting ' || p.id, NULL, NULL FROM wallet_posting p
             LEFT JOIN wallet_transfer f ON f.id = p.transfer_id
             LEFT JOIN wallet_account s ON s.id = p.debit_account_id
             LEFT JOIN wallet_account d ON d.id = p.credit_account_id
            WHERE f.id IS NULL OR s.id IS NULL OR d.id IS NULL ORDER BY p.id""",
    ),
    Check(
        "empty_transfer",
        _l("A transfer has no posting."),
        """SELECT 'transfer ' || f.id, NULL, NULL FROM wallet_transfer f
            WHERE NOT EXISTS (SELECT 1 FROM wallet_posting p WHERE p.transfer_id = f.id) ORDER BY f.id""",
    ),
    Check(
        "key_twice",
        _l("A business fact was booked twice."),
        "SELECT 'key ' || key, 1, COUNT(*) FROM wallet_transfer GROUP BY key HAVING COUNT(*) > 1",
    ),
    Check(
        "mixed_currency",
        _l("A transfer moves several currencies."),
        """SELECT 'transfer ' || transfer_id, NULL, NULL
             FROM (SELECT p.transfer_id, s.currency AS debited, d.currency AS credited FROM wallet_posting p
                     JOIN wallet_account s ON s.id = p.debit_account_id
                     JOIN wallet_account d ON d.id = p.credit_account_id) AS sides
            GROUP BY transfer_id
           HAVING MIN(debited) <> MAX(debited) OR MIN(credited) <> MAX(credited) OR MIN(debited) <> MIN(credited)""",
    ),
    Check(
        "foreign_currency",
        _l("An order's money is in another currency than the order."),
        """SELECT 'order ' || t.number, NULL, NULL FROM wallet_order_terms t
             JOIN wallet_account a ON a.order_id = t.order_id AND a.currency <> t.currency ORDER BY t.order_id""",
    ),
    Check(
        "impossible_route",
        _l("A transfer moved money between accounts that this kind of transfer has nothing to do with."),
        "SELECT 'posting ' || posting_id, NULL, amount_minor FROM ("
        + _LINES
        + """) AS lines WHERE NOT (
                 (kind = 'top_up' AND source = 'outside' AND target = 'available')
              OR (kind = 'order_paid' AND source = 'available' AND target = 'escrow')
              OR (kind = 'order_released' AND source = 'escrow' AND target IN ('clearing', 'commission', 'fees'))
              OR (kind = 'order_cleared' AND source = 'clearing' AND target = 'available')
              OR (kind = 'order_refunded' AND source = 'escrow' AND target = 'available')
              OR (kind = 'order_returned' AND source IN ('clearing', 'commission', 'fees') AND target = 'available'))
              ORDER BY posting_id""",
    ),
    Check(
        "wrong_person",
        _l("An order's money came from or went to somebody who is no party of it, or to another order."),
        "SELECT 'posting ' || posting_id, NULL, amount_minor FROM ("
        + _LINES
        + """) AS lines JOIN wallet_order_terms t ON t.order_id = lines.order_id
             WHERE (kind = 'order_paid' AND (source_user <> t.employer_id OR target_order <> t.order_id))
                OR (kind = 'order_released' AND (source_order <> t.order_id
                    OR (target = 'clearing' AND target_order <> t.order_id)))
                OR (kind = 'order_cleared' AND (source_order <> t.order_id OR target_user <> t.freelancer_id))
                OR (kind = 'order_refunded' AND (source_order <> t.order_id OR target_user <> t.employer_id))
                OR (kind = 'order_returned' AND (target_user <> t.employer_id
                    OR (source = 'clearing' AND source_order <> t.order_id)))
             ORDER BY posting_id""",
    ),
    Check(
        "order_without_terms",
        _l("There is money of an order that the wallet never was told the terms of."),
        MOVED
        + """SELECT 'order id ' || h.order_id, 0, SUM(h.total) FROM held h
              WHERE h.order_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM wallet_order_terms t WHERE t.order_id = h.order_id)
              GROUP BY h.order_id""",
    ),
    Check(
        "order_facts",
        _l("What was booked for an order is not what its terms say happened."),
        _FACTS
        + """SELECT 'order ' || number, NULL, NULL FROM facts
              WHERE paid <> 1
                 OR released <> CASE WHEN released_at IS NULL THEN 0 ELSE 1 END
                 OR cleared <> CASE WHEN released_at IS NULL OR settled_at IS NULL OR payout = 0 THEN 0 ELSE 1 END
                 OR refunded <> CASE WHEN released_at IS NULL AND settled_at IS NOT NULL THEN 1 ELSE 0 END
                 OR (released_at IS NOT NULL AND settled_at IS NULL AND payout = 0)
                 OR newest <> CASE WHEN awarded_minor = 0 THEN 0 ELSE 1 END
                 OR (awarded_minor = 0 AND returned <> 0)
              ORDER BY order_id""",
    ),
    Check(
        "escrow_differs",
        _l("The escrow of an open order is not its price and fee."),
        _ORDER
        + """SELECT 'order ' || number, price_minor + employer_fee_minor, escrow FROM money
              WHERE released_at IS NULL AND settled_at IS NULL AND escrow <> price_minor + employer_fee_minor
              ORDER BY order_id""",
    ),
    Check(
        "escrow_left",
        _l("A finished order still holds money in escrow."),
        _ORDER
        + """SELECT 'order ' || number, 0, escrow FROM money
              WHERE (released_at IS NOT NULL OR settled_at IS NOT NULL) AND escrow <> 0 ORDER BY order_id""",
    ),
    Check(
        "clearing_differs",
        _l("What is clearing for an order is not its price less commission and what was given back."),
        _ORDER
        + """SELECT 'order ' || number, payout, clearing FROM money
              WHERE released_at IS NOT NULL AND settled_at IS NULL AND clearing <> payout
              ORDER BY order_id""",
    ),
    Check(
        "clearing_left",
        _l("An order that is not clearing holds money in clearing."),
        _ORDER
        + """SELECT 'order ' || number, 0, clearing FROM money
              WHERE (released_at IS NULL OR settled_at IS NOT NULL) AND clearing <> 0 ORDER BY order_id""",
    ),
    Check(
        "platform_share",
        _l("The platform kept something else of an order than was agreed."),
        _TAKEN
        + """SELECT 'order ' || number, commission_due + fees_due, commission + fees FROM taken
              WHERE commission <> commission_due OR fees <> fees_due ORDER BY order_id""",
    ),
    Check("return_split", _l("What was given back of an order was not shared by the split rule."), RETURN_SPLIT),
    Check("return_differs", _l("What was given back of an order is not what its terms say."), RETURN_DIFFERS),
    Check(
        "does_not_net",
        _l("All balances together are not zero: money appeared or vanished."),
        MOVED
        + """SELECT currency, 0, SUM(COALESCE(balance_minor, total)) FROM held
              GROUP BY currency HAVING SUM(COALESCE(balance_minor, total)) <> 0""",
    ),
)

TOTALS: Final = MOVED + "SELECT currency, kind, SUM(total) FROM held GROUP BY currency, kind ORDER BY currency, kind"
"""What is in each kind of account."""
