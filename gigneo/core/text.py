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

from gigneo.core.written import visible

_TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "h5", "hr"}
_HOLDING_BLOCKS: Final = frozenset({"list_item_open", "blockquote_open"})
_SCHEMES: Final = {"http", "https", "mailto"}
FIRST_HEADING: Final = 3
LAST_HEADING: Final = 5
KEPT_LENGTH: Final = 4_000
"""Longer texts are rare, and would fill the memory of a process that keeps a thousand."""

KEPT_LONG: Final = 64
"""So many longer ones are kept all the same: to render one again and again could keep a core busy."""
MOST_ADDRESSES: Final = 30
"""A text with more addresses of the web in it keeps them as words: looking for them takes a time that grows with its square."""
DEEPEST: Final = 20
"""What stands this deep in lists and quotes, a list counting twice, the parser leaves out."""


class _Parser(MarkdownIt):
    """Markdown whose addresses are shown as they were typed, not decoded into what looks like another one.

    What cleaning would take away becomes no link, and so stays what was typed.
    """

    def normalizeLinkText(self, link: str) -> str:
        """Return what is shown of an address."""
        return link

    def validateLink(self, url: str) -> bool:
        """Return whether an address may be followed."""
        link = Markup('<a href="{}">').format(url)
        return super().validateLink(url) and "href=" in nh3.clean(link, tags={"a"}, url_schemes=_SCHEMES)


def _parser(*, linking: bool) -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "linkify": linking, "maxNesting": DEEPEST})
    parser.enable(["strikethrough", "linkify"])
    parser.disable(["image", "reference"])  # pictures are sent as files; what defines a link for elsewhere would not be seen
    links = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})  # "main.py" and "e.g. this.is" are words
    for scheme in ("ftp:", "//", "mailto:"):
        links.add(scheme, None)
    parser.linkify = links
    return parser


_plain, _linking = _parser(linking=False), _parser(linking=True)


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

    Addresses of the web (``http`` and ``https``) are links also without brackets, and shown as they were typed. What Markdown
    makes nothing of is shown as it was typed, and so is a text whose lists or quotes are nested too deep for it.

    Args:
        text: as typed; ``None`` gives nothing.
    """
    if not text:
        return Markup("")
    return _kept(text) if len(text) <= KEPT_LENGTH else _kept_long(text)


def _rendered(text: str) -> Markup:
    parser = _linking if text.count("://") <= MOST_ADDRESSES else _plain
    tokens = parser.parse(text)
    if any(token.level >= DEEPEST - 1 and token.type in _HOLDING_BLOCKS for token in tokens):
        return Markup("<pre>{}</pre>").format(text)
    _order_headings(tokens)
    html = nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener ugc",
    )
    if "<hr" not in html and not visible(nh3.clean(html, tags=set())):
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
_kept_long: Final = lru_cache(maxsize=KEPT_LONG)(_rendered)


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
