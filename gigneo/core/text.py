"""Text that people write: kept as typed, Markdown turned into safe HTML at output; and how a name looks in place of a picture."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from unicodedata import bidirectional

import nh3
from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "h5", "hr"}
FIRST_HEADING: Final = 3
LAST_HEADING: Final = 5
KEPT_LENGTH: Final = 4_000
"""Longer texts are rare, and would fill the memory of a process that keeps a thousand."""

_parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 100})
_parser.enable(["strikethrough", "linkify"]).disable("image")  # pictures are sent as files; a link to one stays a link
_parser.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})  # "main.py" and "e.g. this.is" are words


_FIRST, _LAST = "\u2068", "\u2069"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "RLE", "RLO", "RLI"})


def bdi(text: object) -> Markup:
    """Return a name or a title as an element of its own direction: it moves nothing that stands beside it."""
    return Markup(f"<bdi>{escape(text)}</bdi>" if text else "")


def isolated(text: str) -> str:
    """Return a name or a title for a sentence that is no HTML: one that runs from right to left stands between isolates."""
    if text.isascii() or all(bidirectional(sign) not in _RIGHT_TO_LEFT for sign in text):
        return text
    return f"{_FIRST}{text}{_LAST}"


def markdown(text: str | None) -> Markup:
    """Return user text as safe HTML: Markdown without raw HTML, then cleaned to a short list of tags.

    Addresses of the web are links also without brackets. What Markdown makes nothing of is shown as it was typed.

    Args:
        text: as typed; ``None`` gives nothing.
    """
    if not text:
        return Markup("")
    return _kept(text) if len(text) <= KEPT_LENGTH else _rendered(text)


def _rendered(text: str) -> Markup:
    tokens = _parser.parse(text)
    _order_headings(tokens)
    html = nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    if "<hr" not in html and not nh3.clean(html, tags=set()).strip():
        return Markup("<p>{}</p>").format(text)
    return Markup(html)


def _order_headings(tokens: Sequence[Token]) -> None:
    """Let headings begin at the third level, below those of the page, and leave none out: they are read as an outline."""
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            above = [*(each for each in above if each < level), level]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(FIRST_HEADING + len(above) - 1, LAST_HEADING)}"


_kept: Final = lru_cache(maxsize=1024)(_rendered)


class Initials(NamedTuple):
    """A name in place of a picture.

    Attributes:
        letters: the first ones of the first and the last word.
        hue: 0 to 3, always the same for the same name.
    """

    letters: str
    hue: int


@lru_cache(maxsize=1024)
def initials(name: Any) -> Initials:
    """Return how a name looks in place of a picture; a question mark stands for nobody."""
    text = str(name or "?").strip()
    words = text.split()
    if not words:
        return Initials("?", 0)
    letters = words[0][:1] + (words[-1][:1] if len(words) > 1 else "")
    return Initials(letters.upper(), (len(text) + 3 * len(words[-1])) % 4)
