"""The statements of the marks, by hand: what a page needs, and nothing else."""

HEADER = """
SELECT o.id, o.number, o.kind, o.state, o.title, o.package, o.features, o.employer_id, o.freelancer_id, o.price_minor,
  o.employer_fee_minor, o.commission_minor, o.currency, o.days, o.revisions_total, o.revisions_used, o.placed_at, o.started_at,
  o.due_at, o.first_delivered_at, o.delivered_at, o.finished_at, o.on_time, o.cancelled_by, o.version, e.name, f.name,
  EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.lifted_at IS NULL),
  (SELECT count(*) FROM messages_message m WHERE m.order_id = o.id AND m.author_id IS NOT NULL AND m.author_id != :viewer
    AND m.id > coalesce((SELECT s.message_id FROM messages_seen s WHERE s.order_id = o.id AND s.person_id = :viewer), 0)),
  (SELECT count(*) FROM file_stored s WHERE s.owner_kind = 'orders.order' AND s.owner_id = o.id),
  (SELECT count(*) FROM disputes_dispute d WHERE d.order_id = o.id AND d.state = 'open'),
  EXISTS (SELECT 1 FROM orders_request q WHERE q.order_id = o.id AND q.state = 'open'),
  o.review_until, o.review_extended, r.finished, r.cancelled
FROM orders_order o JOIN account_user e ON e.id = o.employer_id JOIN account_user f ON f.id = o.freelancer_id
LEFT JOIN orders_record r ON r.freelancer_id = o.freelancer_id
WHERE o.number = :number
"""
ROUNDS = """
SELECT id, final, round, description, at FROM orders_delivery WHERE order_id = :id
UNION ALL SELECT id, NULL, round, instructions, at FROM orders_revision WHERE order_id = :id
"""
FILES = """
SELECT s.id, s.name, s.size_bytes, s.content_type, s.kind, s.created_at, u.name, s.origin_id
FROM file_stored s JOIN account_user u ON u.id = s.uploaded_by
WHERE s.owner_kind = 'orders.order' AND s.owner_id = :id AND s.origin_kind IN ('orders.delivery', 'orders.revision') ORDER BY s.id
"""
ACTIVITY = """
SELECT a.kind, a.text, a.params, a.at, a.actor_id, u.name FROM orders_activity a LEFT JOIN account_user u ON u.id = a.actor_id
WHERE a.order_id = :id ORDER BY a.id DESC LIMIT 5
"""
TERMS = """
SELECT t.price_minor, t.employer_fee_minor, t.commission_minor,
  coalesce((SELECT balance_minor FROM wallet_account a WHERE a.order_id = t.order_id AND a.kind = 'escrow'), 0),
  coalesce((SELECT balance_minor FROM wallet_account a WHERE a.order_id = t.order_id AND a.kind = 'clearing'), 0),
  t.paid_at, t.released_at, t.clears_at, t.settled_at
FROM wallet_order_terms t WHERE t.order_id = :id
"""
FOUND = """
SELECT o.number, o.state, o.title, o.package, o.employer_id, f.name, o.price_minor, o.currency, o.due_at, o.finished_at,
  o.placed_at, o.delivered_at, o.on_time, e.name,
  o.held_at IS NOT NULL, o.undeliverable_at IS NOT NULL
    OR EXISTS (SELECT 1 FROM orders_request q WHERE q.order_id = o.id AND q.state = 'open'
      AND (q.kind = 'administrator' OR q.silent_at IS NOT NULL)),
  (SELECT q.kind FROM orders_request q WHERE q.order_id = o.id AND q.state = 'open' AND q.kind != 'administrator' ORDER BY q.id
    LIMIT 1)
FROM orders_order o JOIN account_user e ON e.id = o.employer_id JOIN account_user f ON f.id = o.freelancer_id
JOIN (
  SELECT * FROM (SELECT id FROM orders_order WHERE employer_id = :viewer AND kind = 'service' ORDER BY id DESC LIMIT 26)
  UNION ALL
  SELECT * FROM (SELECT id FROM orders_order WHERE freelancer_id = :viewer AND kind = 'service' ORDER BY id DESC LIMIT 26)
) AS found ON found.id = o.id ORDER BY o.id DESC LIMIT 26
"""
_HALF = """
SELECT * FROM (SELECT id, kind FROM orders_order WHERE {side}_id = :viewer AND kind = '{kind}' AND state IN ({states}) LIMIT 100)
"""
_ASKED = """
SELECT * FROM (SELECT o.id, o.kind FROM orders_request q JOIN orders_order o ON o.id = q.order_id
  WHERE q.to_id = :viewer AND q.state = 'open' AND o.state IN ('active', 'delivered', 'in_revision') LIMIT 100)
"""
NEEDING = "SELECT kind, count(*) FROM ({} UNION {}) GROUP BY kind".format(
    _ASKED,
    " UNION ".join(
        _HALF.format(side=side, kind=kind, states=states)
        for kind in ("service", "job")
        for side, states in (("employer", "'delivered', 'pending_payment'"), ("freelancer", "'in_revision'"))
    ),
)
LOGIN = """
SELECT u.id, u.name, u.email, u.locale, u.time_zone, s.id, s.authenticated_at, s.last_seen_at,
  (SELECT group_concat(r.name, ',') FROM account_user_role h JOIN account_role r ON r.id = h.role_id WHERE h.user_id = u.id),
  (SELECT group_concat(CASE WHEN g.allowed = 1 THEN g.permission END, ',') FROM account_grant g WHERE g.user_id = u.id),
  (SELECT group_concat(CASE WHEN g.allowed = 0 THEN g.permission END, ',') FROM account_grant g WHERE g.user_id = u.id),
  (SELECT count(*) FROM (SELECT 1 FROM notifications_notice n WHERE n.person_id = u.id AND n.read_at IS NULL LIMIT 100) unread),
  (SELECT max(n.id) FROM notifications_notice n WHERE n.person_id = u.id AND n.place = :place AND n.read_at IS NULL)
FROM account_session s JOIN account_user u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND s.revoked_at IS NULL AND s.created_at > :oldest AND s.last_seen_at > :idle_since
  AND u.active = 1
"""
