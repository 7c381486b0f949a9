"""The checkout of a package: what it costs, what is in the wallet, and buying it once."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Person, Refused, RefusedMany, currency, form_key, gettext, hooks, once, person, read, signed_in, write
from gigneo.hooks import CommissionQuote, OrderTerms
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services.buying import buy
from gigneo.plugins.services.loaders import visible_offer
from gigneo.plugins.services.queries import Details, Offer
from gigneo.plugins.services.routes import bp
from gigneo.plugins.wallet import api as wallet


@bp.get("/services/<slug>/checkout/<int:package_id>")
@signed_in
def checkout(slug: str, package_id: int) -> ResponseReturnValue:
    """Show what a package costs, and the button."""
    viewer = person()
    assert viewer is not None
    found, offer = _wanted(slug, package_id, viewer)
    return _page(found, offer, viewer)


@bp.post("/services/<slug>/checkout/<int:package_id>")
@signed_in
def place(slug: str, package_id: int) -> ResponseReturnValue:
    """Buy a package, then go to the order, or to the wallet when it holds too little."""
    viewer = person()
    assert viewer is not None
    found, offer = _wanted(slug, package_id, viewer)
    if _why_not(found, viewer):
        return _page(found, offer, viewer)
    seen = orders.offer_sent()
    try:
        with write() as session:
            number = once(
                session,
                request.form.get("form_key", ""),
                {"action": "services.buy", "package": offer.id, **seen},
                lambda: buy(session, offer.id, viewer.id, seen=seen).number,
            )
    except (Refused, RefusedMany) as refusal:
        found, offer = _wanted(slug, package_id, viewer)
        return _page(found, offer, viewer, reasons=tuple(str(one.reason) for one in refusal.refusals))
    order = orders.facts(read(), number)
    if order.state == "pending_payment":
        flash(
            gettext("Your order #%(number)s is placed. Top up your wallet to pay it; the work starts then.", number=number),
            "info",
        )
        missing = order.price_minor + order.employer_fee_minor - wallet.balance(read(), viewer.id).available
        return redirect(url_for("wallet.top_up", needed=max(missing, 0), next=url_for("orders.pay", number=number)), 303)
    flash(gettext("Paid. The money is in escrow until the order is completed."), "success")
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)


def _wanted(slug: str, package_id: int, viewer: Person) -> tuple[Details, Offer]:
    wanted = visible_offer(slug, package_id, viewer)
    if wanted is None:
        abort(404)
    return wanted


def _why_not(found: Details, viewer: Person) -> str:
    """Say why this person can't buy this service, or nothing."""
    if viewer.id == found.card.freelancer_id:
        return gettext("This is your own service. What you see is what an employer sees before buying.")
    if "employer" not in viewer.roles:
        return gettext("Only employers buy services, and your account is not one.")
    return ""


def _page(found: Details, offer: Offer, viewer: Person, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    terms = OrderTerms(
        kind="service",
        source_id=found.card.id,
        title=found.card.title,
        package=offer.name,
        features=offer.features,
        employer_id=viewer.id,
        freelancer_id=found.card.freelancer_id,
        price_minor=offer.price_minor,
        currency=currency(),
        days=offer.days,
        revisions=offer.revisions,
        category=found.category_slug,
    )
    quote = hooks.first("quote_commission", terms=terms, session=read()) or CommissionQuote(0)
    total = offer.price_minor + quote.employer_fee_minor
    available = wallet.balance(read(), viewer.id).available
    why_not = _why_not(found, viewer)
    page = render_template(
        "services/checkout.html",
        service=found.card,
        offer=offer,
        currency=currency(),
        fee_minor=quote.employer_fee_minor,
        total_minor=total,
        available_minor=available,
        enough=available >= total,
        why_not=why_not,
        reasons=reasons,
        seen=orders.offer_seen(terms, total),
        form_key=form_key(),
    )
    return page, 403 if why_not and request.method == "POST" else 409 if reasons else 200
