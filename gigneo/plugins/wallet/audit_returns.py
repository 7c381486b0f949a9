"""How the audit judges what was given back while it was clearing: against the postings, and against the split rule.

The rule is computed here once more, by the database and in another way than in ``splitting.py``.
"""

# ruff: noqa: S608 - the statements are put together from the constants of this file

from typing import Final

_LARGEST: Final = 10**12
"""The largest amount that :func:`_pro_rata` computes inside 64 bits; for larger ones the postings alone are judged."""


def _pro_rata(amount: str, part: str, whole: str) -> str:
    """Return SQL for ``amount × part ÷ whole``, rounded half-up, in whole numbers of 64 bits.

    The product has up to 80 bits, so it is divided as on paper: first by the part's millions, then with what is left over.
    """
    millions = f"({amount} * ({part} / 1000000))"
    rest = f"(({millions} % {whole}) * 1000000 + {amount} * ({part} % 1000000))"
    return (
        f"(({millions} / {whole}) * 1000000 + {rest} / {whole} + CASE WHEN 2 * ({rest} % {whole}) >= {whole} THEN 1 ELSE 0 END)"
    )


def _due_back(amount: str) -> str:
    """Return SQL for what the platform has to give back of an amount, or NULL where it can't be computed."""
    kept = _pro_rata(amount, "(price_minor - awarded_minor)", "price_minor")
    fits = f"price_minor <= {_LARGEST} AND {amount} <= {_LARGEST}"
    return f"CASE WHEN {fits} THEN {amount} - {kept} END"


def _commission_back() -> str:
    """Return SQL for what the platform has to give back of its commission: by the rate where that explains it."""
    explains = f"{_pro_rata('price_minor', 'rate_basis_points', '10000')} = commission_minor"
    kept = _pro_rata("(price_minor - awarded_minor)", "rate_basis_points", "10000")
    by_rate = f"price_minor <= {_LARGEST} AND {explains}"
    return f"CASE WHEN {by_rate} THEN commission_minor - {kept} ELSE {_due_back('commission_minor')} END"


RETURN_SPLIT: Final = f"""
    SELECT 'order ' || number, commission_due + fee_due, commission_back_minor + fee_back_minor
      FROM (SELECT order_id, number, commission_back_minor, fee_back_minor, {_commission_back()} AS commission_due,
                   {_due_back("employer_fee_minor")} AS fee_due
              FROM wallet_order_terms WHERE awarded_minor <> 0) AS judged
     WHERE commission_due <> commission_back_minor OR fee_due <> fee_back_minor
     ORDER BY order_id"""
"""Orders whose terms say something else than the split rule about what the platform gave back."""

RETURN_DIFFERS: Final = """
    WITH returned AS (
        SELECT f.order_id, SUM(p.amount_minor) AS total,
               SUM(CASE WHEN s.kind = 'clearing' THEN p.amount_minor ELSE 0 END) AS clearing,
               SUM(CASE WHEN s.kind = 'commission' THEN p.amount_minor ELSE 0 END) AS commission,
               SUM(CASE WHEN s.kind = 'fees' THEN p.amount_minor ELSE 0 END) AS fees
          FROM wallet_transfer f
          JOIN wallet_posting p ON p.transfer_id = f.id
          JOIN wallet_account s ON s.id = p.debit_account_id
         WHERE f.kind = 'order_returned'
         GROUP BY f.order_id)
    SELECT 'order ' || t.number, t.awarded_minor + t.fee_back_minor, COALESCE(r.total, 0)
      FROM wallet_order_terms t LEFT JOIN returned r ON r.order_id = t.order_id
     WHERE COALESCE(r.clearing, 0) <> t.awarded_minor - t.commission_back_minor
        OR COALESCE(r.commission, 0) <> t.commission_back_minor
        OR COALESCE(r.fees, 0) <> t.fee_back_minor
     ORDER BY t.order_id"""
"""Orders whose terms say something else than the postings about what went back."""
