"""How a person sends the form of an action, and what its answers must look like."""

import re
from html import unescape
from typing import Final

from gigneo.hooks import OrderFacts
from gigneo.testing.http import Answer, Person
from tests.load.actions import ADMINISTRATOR, Action

PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_CHOSEN: Final = re.compile(r"\s(?:checked|selected)\b")
STALE: Final = "The order has changed while you were looking at it. Nothing was done; see what happened."


def send(person: Person, action: Action, order: OrderFacts, key: str, page: str | None = None) -> Answer:
    """Open the page with the form, and send it.

    Args:
        person: whoever may.
        action: what for.
        order: as the person saw it.
        key: the form's; the same one again is a double click or a retry.
        page: another page that is opened before, when the form is one from before.
    """
    url = action.url(order.number)
    data = {**action.typed, "form_key": key, "version": str(order.version)}
    if action.file:
        return person.send_file(url, data, "files", action.file, PDF, page=page or url)
    return person.post(url, data, page=page or url)


def where_now(action: Action, order: OrderFacts) -> str:
    """Return the page on which somebody finds the order again."""
    return f"/admin/orders/{order.number}" if action.who == ADMINISTRATOR else f"/orders/{order.number}/overview"


def is_done(answer: Answer) -> bool:
    """Whether the form was accepted, now or the first time."""
    return answer.status == 303


def explains(answer: Answer, loser: Action, winner: Action) -> list[str]:
    """Return what is missing on the page of somebody who lost: what happened, and what was typed."""
    page, kept = unescape(answer.text), _kept(answer.text)
    wrong = [] if answer.status == 409 else [f"status {answer.status}"]
    wrong += [f"no {wanted!r}" for wanted in ("That did not happen", STALE, winner.words) if wanted not in page]
    wrong += [f"{name} is lost: {sorted(kept)}" for name, typed in loser.typed.items() if typed not in kept]
    if loser.file and loser.file not in page:
        wrong.append("the file is lost")
    return [f"{loser.name} lost to {winner.name}: {each}" for each in wrong]


def _kept(page: str) -> set[str]:
    """Return what the fields of a page hold, and what is chosen in them."""
    texts = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    fields = re.findall(r"<(?:input|option)[^>]*>", page)
    chosen = [tag for tag in fields if not (tag.startswith("<option") or 'type="radio"' in tag) or _CHOSEN.search(tag)]
    return {unescape(text).strip("\r\n") for text in [*texts, *re.findall(r'value="([^"]*)"', " ".join(chosen))]}
