"""The bare mark's order page: HTML in f-strings, no template engine. It knows one case, a delivered order that its employer
looks at, and refuses any other: what would be branches of a complete page costs next to nothing, and would not be compared.
"""

import json
import sqlite3
from datetime import UTC, datetime

from bench.statements import ACTIVITY, FILES, HEADER, ROUNDS, TERMS
from bench.words import avatar, icon, moment, money, prose, relative, several, size, span, text


def order_page(db: sqlite3.Connection, number: str, viewer: int, sprite: str) -> tuple[str, str] | None:
    """Return title and main part of the page, or ``None`` when the order does not exist for the viewer."""
    row = db.execute(HEADER, {"number": number, "viewer": viewer}).fetchone()
    if row is None or viewer not in (row[7], row[8]):
        return None
    (
        order_id, number, kind, state, title, package, features, employer_id, freelancer_id, price_minor,
        _fee, _commission, currency, days, total, used, placed_at, started_at,
        due_at, first_delivered_at, delivered_at, _finished_at, _on_time, _cancelled_by, _version, _employer, freelancer,
        held, new_messages, files, disputes, asked, until, extended, finished, cancelled,
    ) = row  # fmt: skip
    odd = held or disputes or asked or extended or not finished or total is None
    if (kind, state, employer_id, odd) != ("service", "delivered", viewer, False):
        raise NotImplementedError("The limit shows delivered service orders to their employers, and nothing else.")
    rounds = _rounds(db, order_id, freelancer, sprite)
    latest = "".join(_entry(line, viewer, currency) for line in db.execute(ACTIVITY, {"id": order_id}))
    terms = db.execute(TERMS, {"id": order_id}).fetchone()

    price, who, first = money(price_minor, currency), text(freelancer), text(freelancer.split()[0])
    title, package, at = text(title), text(package), f"/orders/{number}"
    gap = moment(due_at).at - moment(first_delivered_at).at
    due = (
        f"<span>delivered {span(gap)} early</span>" if gap.days >= 0 else f'<span class="late">delivered {span(-gap)} late</span>'
    )
    check = icon(sprite, "check")
    listed = "".join(f"<li>{check}<span>{text(feature)}</span></li>" for feature in json.loads(features))
    left = max(0, total - used)
    middle = f"<span>{several(used, 'revision')}</span>" if used else f"<span>{moment(started_at).day}</span>"
    main = f"""
<div class="order-head">
<nav class="crumbs" aria-label="Where you are"><ol>
<li><a href="/dashboard/orders/services">Orders</a></li>
<li><a href="/dashboard/orders/services">Services</a></li>
<li><span aria-current="page">#{number}</span></li>
</ol></nav>
<div class="order-title">
<div>
<h1><bdi>{title}</bdi></h1>
<div class="line">
<span class="line">{avatar(freelancer, True)}<b><a href="/people/{freelancer_id}"><bdi>{who}</bdi></a></b></span>
<span class="muted"><bdi>{package}</bdi></span>
<span class="badge tone-go">Delivered, waiting for you</span>
<span class="small muted">Cancellation rate: {1000 * cancelled // finished / 10:g}% = {cancelled} cancelled by the freelancer ÷\
 {finished} paid orders finished in the last 365 days</span>
</div>
</div>
<div class="order-price">
<p class="price">{price}</p>
<p class="small muted">due {moment(due_at).day} · {due}</p>
</div>
</div>
</div>
<ol class="steps" aria-label="Progress">
<li class="done"><b>Placed</b><span class="visually-hidden">(done)</span><span>{moment(placed_at).day}</span></li>
<li class="done"><b>In progress</b><span class="visually-hidden">(done)</span>{middle}</li>
<li class="now" aria-current="step"><b>Delivered</b><span>{moment(delivered_at).day}</span></li>
<li class=""><b>Completed</b></li>
</ol>
<section class="card next" aria-labelledby="next-step">
<div>
<h2 id="next-step">Your turn: look at the delivery</h2>
<p>{first} sent the final delivery. Approve it, or say what should change.</p>
<div class="next-actions">
<a class="btn btn-primary" href="{at}/approve">Approve Delivery</a>
<a class="btn" href="{at}/request-revision">Request Revision <span class="muted">{left} left</span></a>
</div>
<div class="next-actions next-more">
<a class="btn btn-plain btn-sm" href="{at}/extend-review">Take more time to review</a>
<a class="btn btn-plain btn-sm" href="{at}/dispute/open">Open Dispute</a>
<a class="btn btn-plain btn-sm" href="{at}/request-cancellation">Request Cancellation</a>
</div>
</div>
<div class="next-then">
<h3>What happens next</h3>
<ul>
<li>{icon(sprite, "clock")}<span>Without an answer to the delivery, the order is completed and the money released.
<b>{moment(until).exact}</b> ({relative(moment(until), datetime.now(UTC))})</span></li>
<li>{icon(sprite, "wallet")}<span>When you approve, {price} leave escrow for {first}.</span></li>
</ul>
<details class="why">
<summary>What you can&#39;t do now, and why</summary>
<ul>
<li><span><b>Give Feedback</b>: The final delivery is there: approve it, or request a revision.</span></li>
</ul>
</details>
</div>
</section>
<nav class="tabs" aria-label="Order">
<a href="{at}/overview" aria-current="page">Overview</a>
<a href="{at}/activity">Activity</a>
<a href="{at}/messages">Messages{_count(new_messages)}</a>
<a href="{at}/attachments">Attachments{_count(files)}</a>
<a href="{at}/payments">Payments</a>
<a href="{at}/dispute">Dispute</a>
</nav>
<div class="split">
<div>
<section class="card">
<div class="card-head"><h2>Contract overview</h2></div>
<dl class="facts">
<div><dt>Order amount</dt><dd>{price}</dd></div>
<div><dt>Type</dt><dd>Service <small>{package}</small></dd></div>
<div><dt>Start date</dt><dd>{moment(started_at).day}</dd></div>
<div><dt>Due date</dt><dd>{moment(due_at).day} <small>{several(days, "day")}</small></dd></div>
<div><dt>Revisions</dt><dd>{total} <small>{used} used · {left} left</small></dd></div>
</dl>
<h3>In the package</h3>
<ul class="checks">{listed}</ul>
</section>
<section class="card">
<div class="card-head"><h2>Deliveries and revisions</h2>
<div class="push"><span class="small muted">{several(len(rounds), "round")}</span></div></div>
<ul class="rounds">{"".join(rounds)}</ul>
</section>
</div>
<div>
<section class="card">
<div class="card-head"><h2>Money</h2></div>
<dl class="lines">
<div><dt>In escrow</dt><dd>{money(terms[3], currency)}</dd></div>
<div class="muted"><dt>Paid {moment(terms[5]).day} from the wallet</dt><dd>{money(terms[0] + terms[1], currency)}</dd></div>
</dl>
<p class="small muted">{icon(sprite, "lock")} It leaves escrow when you approve, or when the review time runs out on
{moment(until).exact}.</p>
<p class="small"><a href="{at}/payments">All payments</a></p>
</section>
<section class="card">
<div class="card-head"><h2>Latest activity</h2><div class="push"><a class="small" href="{at}/activity">All</a></div></div>
<ol class="log">{latest}</ol>
</section>
</div>
</div>
"""
    return f"{title} · #{number} · Overview", main


def _count(number: int) -> str:
    return f' <b class="count">{number}</b>' if number else ""


def _rounds(db: sqlite3.Connection, order_id: int, freelancer: str, sprite: str) -> list[str]:
    """Return the rounds, newest first: drafts, the final delivery, and the request that answered it."""
    attached: dict[int, list[str]] = {}
    for file_id, name, length, content_type, _kind, _at, _by, delivery_id in db.execute(FILES, {"id": order_id}):
        symbol = icon(sprite, "image" if content_type.startswith("image/") else "file")
        attached.setdefault(delivery_id, []).append(
            f'<li><a class="file" href="/files/{file_id}">{symbol}<bdi>{text(name)}</bdi><span>{size(length)}</span></a></li>'
        )
    grouped: dict[int, dict[str, list[tuple[int, str, str]]]] = {}
    for entry_id, final, number, words, at in sorted(db.execute(ROUNDS, {"id": order_id}), key=lambda row: (row[4], row[0])):
        what = "asked" if final is None else "final" if final else "draft"
        grouped.setdefault(number, {}).setdefault(what, []).append((entry_id, words, at))
    who, pages = text(freelancer), []
    for place, number in enumerate(sorted(grouped, reverse=True)):
        parts, heading = grouped[number], f"<h3>Round {number}</h3>"
        page = ['<li class="now">' if place == 0 else "<li>"]
        sent = [(entry, "Revised" if "asked" in parts else "Final Delivery") for entry in parts.get("final", ())[-1:]]
        asked = "".join(
            '<div class="say"><div class="line small"><b>You asked for a revision</b>'
            f'<span class="muted push">{moment(at).exact}</span></div><div class="prose">{prose(words)}</div></div>'
            for _, words, at in parts.get("asked", ())[:1]
        )
        sent += [(entry, "Draft Work") for entry in reversed(parts.get("draft", ()))]
        for position, ((entry_id, words, at), label) in enumerate(sent):
            tone = "go" if label == "Final Delivery" else "plain"
            files = attached.get(entry_id)
            page.append(
                f'<div class="line">{heading if position == 0 else ""}<span class="badge tone-{tone}">{label}</span>'
                f'<span class="muted small push"><bdi>{who}</bdi> · {moment(at).exact}</span></div>'
                f'{f"""<div class="prose">{prose(words)}</div>""" if words else ""}'
                f'{f"""<ul class="files">{"".join(files)}</ul>""" if files else ""}'
            )
            if label != "Draft Work":
                page.append(asked)
        page.append("</li>")
        pages.append("".join(page))
    return pages


def _entry(line: tuple[str, str, str, str, int | None, str | None], viewer: int, currency: str) -> str:
    kind, words, params, at, actor_id, name = line
    said, given = text(words) if words else "", json.loads(params)
    if not said:
        files = f" with {several(given['files'], 'file')}" if given.get("files") else ""
        left = f"; {given['left']} {'is' if given['left'] == 1 else 'are'} left" if given.get("left") is not None else ""
        said = {
            "placed": lambda: "placed the order",
            "paid": lambda: f"paid {money(given['total_minor'], currency)} into escrow; the work starts",
            "draft": lambda: f"shared a draft{files}",
            "delivered": lambda: f"submitted the final delivery{files}",
            "revision_requested": lambda: f"requested a revision{left}",
            "messages": lambda: f"wrote {several(given['count'], 'message')}",
            "file_added": lambda: f"added the file {text(given['name'])}",
        }[kind]()
    who = "<b><bdi>You</bdi></b> " if actor_id == viewer else f"<b><bdi>{text(name)}</bdi></b> " if name else ""
    return f'<li>{avatar(name or "Gigneo", True)}<div><p>{who}{said}</p><p class="small muted">{moment(at).exact}</p></div></li>'
