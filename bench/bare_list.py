"""The bare mark's list of orders: HTML in f-strings, no template engine; for employers."""

import sqlite3
from datetime import UTC, datetime

from bench.limit_pages import ANSWER, FILTERS, SOON, STATES, refuse_odd
from bench.statements import FOUND, NEEDING
from bench.words import avatar, icon, moment, money, relative, text

FIND = "Number, title or person"


def order_list(db: sqlite3.Connection, viewer: int, sprite: str) -> tuple[str, str]:
    """Return title and main part of the page."""
    rows = db.execute(FOUND, {"viewer": viewer}).fetchall()
    waiting = dict(db.execute(NEEDING, {"viewer": viewer}).fetchall())
    refuse_odd(rows, viewer)
    at = "/dashboard/orders/services"
    new, needs = waiting.get("service"), waiting.get("service")
    now = datetime.now(UTC)
    filters = "".join(f'<a class="chip" href="{at}?show={name}">{label}</a>' for label, name in FILTERS)
    main = f"""
<div class="page-head">
<div class="page-titles">
<h1>Orders</h1>
</div>
<div class="page-actions"></div>
</div>
<nav class="tabs" aria-label="Order type">
<a href="{at}" aria-current="page">Services{_new(new)}</a>
<a href="/dashboard/orders/jobs">Jobs{_new(waiting.get("job"))}</a>
</nav>
<div class="filters"><nav class="chips" aria-label="Filter">
<a class="chip" href="{at}" aria-current="true">All</a>
<a class="chip" href="{at}?show=needs-me">Needs me{f' <span class="chip-count">{needs}</span>' if needs else ""}</a>
{filters}
</nav></div>
<div class="filters"><form class="search" method="get" action="{at}" role="search">
<label class="visually-hidden" for="q">{FIND}</label><input class="form-control" id="q" name="q" type="search"
 autocomplete="off" maxlength="100" placeholder="{FIND}" value="">
<button class="btn btn-sm" type="submit">{icon(sprite, "find")}Find</button></form>
<a class="btn btn-plain btn-sm push" href="{at}?show=open&amp;sort=due">Due date first{icon(sprite, "down")}</a></div>
<ul class="card flush rows">{"".join([_row(row, now) for row in rows])}</ul>
"""
    return "Orders", main


def _new(count: int | None) -> str:
    return f' <b class="count new">{count}<span class="visually-hidden"> new</span></b>' if count else ""


def _row(row: tuple, now: datetime) -> str:
    (
        number, state, title, package, _employer_id, other, price_minor, currency, due_at, finished_at,
        _placed_at, delivered_at, on_time, _employer, _held, _odd, asked,
    ) = row  # fmt: skip
    label, tone, turn = STATES[state]
    working = state in ("active", "in_revision")
    if asked:
        turn = ANSWER
    waits = (working or state == "delivered") and on_time is None and due_at is not None
    late = waits and moment(due_at).at < now
    soon = waits and now <= moment(due_at).at < now + SOON
    said = ("warn", "Due soon") if soon else ("bad", "Late") if late else None
    marked = f' <span class="badge tone-{said[0]}">{said[1]}</span>' if said else ""
    when, stored = "", finished_at
    if state == "delivered":
        when, stored = "delivered", delivered_at
    elif working:
        when, stored = ("Late, was due", due_at) if late else ("due", due_at if due_at and moment(due_at).at > now else None)
    mine = asked or state in ("pending_payment", "delivered")
    below = f'<span class="small muted">{when} {relative(moment(stored), now)}</span>' if stored else ""
    return (
        f'<li class="row-item{" me" if mine else ""}{" is-late" if late else ""}">{avatar(other)}'
        f'<div class="row-what"><a href="/orders/{number}/overview">{text(title)}</a>'
        f'<span class="small muted">#{number} · {text(other)}{f" · {text(package)}" if package else ""}</span></div>'
        f'<div class="row-turn"><b>{turn.format(text(other.split()[0]))}</b>{below}</div>'
        f'<span class="badge tone-{tone}">{label}</span>{marked}<b class="row-sum">{money(price_minor, currency)}</b></li>'
    )
