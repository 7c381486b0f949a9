"""The frame of a page, cut from the product's own answer; and how two answers are compared."""

import re
from dataclasses import dataclass
from html import escape

_MAIN = re.compile(r"(<main[^>]*>)(.*)(</main>)", re.DOTALL)
_TOKEN = re.compile(r'(name="(?:csrf_token|form_key)" value=")[^"]*')
_FILES = {
    "bootstrap": r"bootstrap\.min\.\w+\.css",
    "theme": r"theme\.\w+\.css",
    "mark": r"mark\.\w+\.svg",
    "script": r"theme\.\w+\.js",
}
_SEEN = re.compile(r'="(/static/[^"]*seen\.\w+\.js)"')
_BELL = re.compile(r'<a class="round" href="/account/notifications".*?(?=<button class="round")', re.DOTALL)
_SPRITE = re.compile(r'href="(/static/[^"#]*icons[^"#]*\.svg)#')


@dataclass(frozen=True)
class Frame:
    """What stands around ``<main>``: the same on both pages, but for the title, who is logged in, their bell, and the token.

    Attributes:
        before: up to and including ``<main>``, to be filled in by ``%``.
        after: from ``</main>`` on.
        sprite: the address of the icons.
        files: addresses of static files, as a build would list them; ``seen`` is the script of a page with news about itself.
    """

    before: str
    after: str
    sprite: str
    files: dict[str, str]


def cut(answer: str, name: str, email: str, avatar: str) -> Frame:
    """Cut the frame out of a page.

    Args:
        answer: the product's HTML.
        name: of the person who is logged in.
        email: of that person.
        avatar: that person's picture, as HTML.
    """
    found = _MAIN.search(answer)
    sprite = _SPRITE.search(answer)
    assert found is not None and sprite is not None, "The page has no <main>, or no icons."
    seen = _SEEN.search(answer)
    assert seen is not None, "The page has no news about itself, so that its bell cannot be compared."
    before = answer[: found.start()] + found[1]
    before = before.replace("%", "%%")
    before = re.sub(r"<title>.*?</title>", "<title>%(title)s</title>", before, flags=re.DOTALL)
    before, bells = _BELL.subn("%(bell)s", before)
    assert bells == 1, "The frame of the page does not show one bell."
    before = _TOKEN.sub(r"\1%(token)s", before)
    for value, slot in ((avatar, "%(avatar)s"), (escape(name), "%(name)s"), (escape(email), "%(email)s")):
        assert value in before, f"The frame of the page does not show {value}."
        before = before.replace(value, slot)
    files = {name: _file(answer, name) for name in _FILES} | {"seen": seen[1]}
    return Frame(before, found[3] + answer[found.end() :], sprite[1], files)


def _file(answer: str, name: str) -> str:
    found = re.search(rf'="(/static/[^"]*{_FILES[name]})"', answer)
    assert found is not None, f"The page does not link to {name}."
    return found[1]


def comparable(answer: str) -> str:
    """Return a page without tokens, and without white space that nobody sees."""
    plain = _TOKEN.sub(r"\1", answer)
    plain = re.sub(r"\s+", " ", plain)
    return re.sub(r"\s?(</?[a-zA-Z!][^>]*>)\s?", r"\1", plain)


def first_difference(left: str, right: str) -> str:
    """Tell where two pages part."""
    at = next((index for index, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    start = max(0, at - 80)
    return f"  product: …{left[start : at + 120]}\n  limit:   …{right[start : at + 120]}"
