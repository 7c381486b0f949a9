"""Words: one catalogue per language, merged from kernel, plugins and theme when a site is built, and bound once per request.

Flask-Babel says which language a request speaks; looking a word up costs a dictionary look-up.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import flask_babel
from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from gigneo.core.current import held
from gigneo.core.rendering import filled

if TYPE_CHECKING:
    from gigneo.core.site import Site

SOURCE: Final = "en"
"""The language that the code is written in."""

LOCALE_COOKIE: Final = "gigneo-locale"
_EXTENSION: Final = "gigneo.catalogues"
_MESSAGES_KEPT: Final = 8192


class Words(Translations):
    """The words of one language. What templates show again and again is looked up and escaped once."""

    def __init__(self) -> None:
        super().__init__()
        self.said: Final = lru_cache(maxsize=_MESSAGES_KEPT)(self.ugettext)
        self.in_template: Final = lru_cache(maxsize=_MESSAGES_KEPT)(self._in_template)

    def _in_template(self, message: str, autoescape: bool) -> tuple[str, str]:
        """Return a message with its ``%(name)s`` places, and as it is shown where nothing fills them."""
        text = escape(self.ugettext(message)) if autoescape else self.ugettext(message)
        return text, text.replace("%%", "%")


_UNTRANSLATED: Final = Words()


class Catalogues:
    """The words of a site in every language that it speaks.

    Args:
        folders: folders with ``<locale>/LC_MESSAGES/messages.mo`` or ``.po``; where two translate the same message, the
            later one is taken.
        default: the language of those who ask for none.
    """

    def __init__(self, folders: Iterable[Path] = (), default: str = SOURCE) -> None:
        self.default: Final = default
        self._by_locale: Final[dict[str, Words]] = {}
        for folder in folders:
            for file in _catalogue_files(folder):
                self._add(file.parent.parent.name, _read(str(file), file.stat().st_mtime_ns))
        for name, words in self._by_locale.items():
            language = self._by_locale.get(name.split("_")[0])
            if language is not None and language is not words:
                words.add_fallback(language)
        self._spoken: Final = lru_cache(maxsize=256)(self._speaks)
        self._found: Final = lru_cache(maxsize=256)(self._find)
        self.default_locale: Final = Locale.parse(default)
        self.languages: Final = frozenset({SOURCE, default.split("_")[0], *(name.split("_")[0] for name in self._by_locale)})

    def find(self, locale: Locale) -> Words:
        """Return the words of a language: those of the region, else of the language, else as they stand in the code."""
        return self._found(locale)

    def _find(self, locale: Locale) -> Words:
        return self._by_locale.get(str(locale)) or self._by_locale.get(locale.language) or _UNTRANSLATED

    def speaks(self, name: str | None) -> Locale | None:
        """Return the locale for a name as in ``pt_BR`` or ``de-AT``, if the site speaks its language."""
        return self._spoken(name)

    def _speaks(self, name: str | None) -> Locale | None:
        try:
            asked = Locale.parse(name.replace("-", "_")) if name else None
            locale = asked and Locale(asked.language, asked.territory, script=asked.script)  # no variant, no modifier
        except (UnknownLocaleError, ValueError):
            return None
        return locale if locale is not None and locale.language in self.languages else None

    def _add(self, name: str, words: Translations) -> None:
        into = self._by_locale.get(name)
        if into is None:
            into = self._by_locale[name] = Words()
            into.plural = words.plural
        into.merge(words)


def install(app: Flask, site: "Site") -> None:
    """Give an application the merged words of its site, Flask-Babel, and the functions that templates call.

    Args:
        app: the site's application.
        site: its plugins and theme.
    """
    folders = [Path(__file__).parent / "translations"]
    folders += [plugin.manifest.path / "translations" for plugin in site.plugins]
    folders += site.theme.translation_dirs() if site.theme else ()
    facts = site.runtime.config.site
    setup(app, Catalogues(folders, facts.locale), facts.time_zone)


def setup(app: Flask, catalogues: Catalogues, time_zone: str = "UTC") -> None:
    """Bind catalogues to an application.

    Args:
        app: the application.
        catalogues: its words.
        time_zone: IANA name of the zone of those who chose none.
    """
    zone = ZoneInfo(time_zone)
    app.extensions[_EXTENSION] = catalogues
    babel = flask_babel.Babel(
        app,
        configure_jinja=False,
        default_locale=catalogues.default,
        locale_selector=_pick_locale,
        timezone_selector=lambda: _zone(getattr(g.get("person"), "time_zone", None)) or zone,
    )
    babel.__dict__["domain_instance"] = _Merged()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        _=_in_template, gettext=_in_template, ngettext=_many_in_template, pgettext=_meant_in_template,
        page_language=lambda: _language_tag(current_locale()), page_direction=lambda: current_locale().text_direction,
    )  # fmt: skip


def speaks(name: str) -> bool:
    """Return whether the present site has words in a language, by a name as in ``pt_BR``."""
    catalogues: Catalogues = current_app.extensions[_EXTENSION]
    return catalogues.speaks(name) is not None


def current_locale() -> Locale:
    """Return the locale of the running request, task or command."""
    found: Locale | None = getattr(babel_context(), "babel_locale", None)
    return found or flask_babel.get_locale() or Locale.parse(SOURCE)


@contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """Speak another language inside the block, as in a mail to somebody else; ``None`` changes nothing."""
    if not locale:
        yield
        return
    with flask_babel.force_locale(locale):
        yield


class LaterText(LazyString):
    """A text that is put into words when it is shown. Flask-Babel's own would enter a page unescaped, values and all."""

    def __init__(self, function: Callable[..., str], *args: Any, **variables: Any) -> None:
        super().__init__(function, *args, **variables)
        self._message: str | None = args[0] if function is gettext and not variables else None  # as most are

    def __str__(self) -> str:
        return str(words().said(self._message)) if self._message is not None else super().__str__()

    def __html__(self) -> str:
        message = self._message
        return words().in_template(message, True)[0] if message is not None else str(escape(super().__str__()))


def gettext(message: str, /, **variables: Any) -> str:
    """Return a message in the reader's language, with its ``%(name)s`` places filled."""
    text: str = words().said(message)
    return text % variables if variables else text


def ngettext(one: str, many: str, num: int, /, **variables: Any) -> str:
    """Return the form of a message that fits a number, which the message may show as ``%(num)s``."""
    text: str = words().ungettext(one, many, num)
    return text % {"num": num, **variables}


def pgettext(context: str, message: str, /, **variables: Any) -> str:
    """Return a message that means different things in different places; ``context`` says which one is meant."""
    text: str = words().upgettext(context, message)
    return text % variables if variables else text


def lazy_gettext(message: str, /, **variables: Any) -> LaterText:
    """Return a message that is put into words when it is shown: for labels that are made once."""
    return LaterText(gettext, message, **variables)


def lazy_ngettext(one: str, many: str, num: int, /, **variables: Any) -> LaterText:
    """Return a :func:`ngettext` that is put into words when it is shown."""
    return LaterText(ngettext, one, many, num, **variables)


def lazy_pgettext(context: str, message: str, /, **variables: Any) -> LaterText:
    """Return a :func:`pgettext` that is put into words when it is shown."""
    return LaterText(pgettext, context, message, **variables)


def words() -> Any:
    """Return the catalogue that is bound to the running request, task or command."""
    try:
        bound = held()._flask_babel.babel_translations
    except (AttributeError, RuntimeError):  # nothing is bound yet, or nothing is running
        bound = None
    return _bind() if bound is None else bound


def babel_context() -> SimpleNamespace | None:
    """Return where Flask-Babel keeps what it knows of the running request, past the cost of Flask's proxies."""
    try:
        found: SimpleNamespace = held()._flask_babel
    except (AttributeError, RuntimeError):
        return None
    return found


def _bind() -> Any:
    if not g:
        return _UNTRANSLATED
    catalogues: Catalogues | None = current_app.extensions.get(_EXTENSION)
    if catalogues is None:
        return _UNTRANSLATED
    found = catalogues.find(current_locale())
    g._flask_babel.babel_translations = found  # where flask_babel.force_locale() takes it away, and puts it back
    return found


class _Merged(flask_babel.Domain):
    """Lets Flask-Babel's own functions speak from the merged catalogues, too."""

    def get_translations(self) -> Any:
        return words()


def _pick_locale() -> Locale:
    catalogues: Catalogues = current_app.extensions[_EXTENSION]
    for name in _asked_for():
        locale = catalogues.speaks(name)
        if locale is not None:
            return locale
    return catalogues.default_locale


def _asked_for() -> Iterator[str | None]:
    """What the person chose, what the browser kept, what it asks for."""
    yield getattr(g.get("person"), "locale", None)
    if has_request_context():
        yield request.cookies.get(LOCALE_COOKIE)
        yield from (name for name, _ in request.accept_languages)


@lru_cache(maxsize=256)
def _language_tag(locale: Locale) -> str:
    return str(locale).replace("_", "-")


@lru_cache(maxsize=512)
def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@pass_eval_context
def _in_template(context: EvalContext, message: str, /, **variables: Any) -> str:
    """A message is words: markup in it is shown as it stands, while a value may be markup, as a ``<time>`` is."""
    text: str
    alone: str
    text, alone = words().in_template(message, bool(context.autoescape))
    if not variables:
        return alone
    return filled(text, variables) if isinstance(text, Markup) else text % variables


@pass_eval_context
def _many_in_template(context: EvalContext, one: str, many: str, num: int, /, **variables: Any) -> str:
    return _filled(context, words().ungettext(one, many, num), {"num": num, **variables})


@pass_eval_context
def _meant_in_template(context: EvalContext, meant: str, message: str, /, **variables: Any) -> str:
    return _filled(context, words().upgettext(meant, message), variables)


def _filled(context: EvalContext, text: str, variables: dict[str, Any]) -> str:
    if context.autoescape:
        text = escape(text)
    if variables:
        return filled(text, variables) if isinstance(text, Markup) else text % variables
    return text.replace("%%", "%") if "%" in text else text


def _catalogue_files(folder: Path) -> Sequence[Path]:
    """One file per locale: the compiled one, unless the source beside it is newer."""
    chosen: dict[Path, Path] = {}
    for file in sorted((*folder.glob("*/LC_MESSAGES/messages.mo"), *folder.glob("*/LC_MESSAGES/messages.po"))):
        before = chosen.get(file.parent)
        if before is None or file.stat().st_mtime_ns > before.stat().st_mtime_ns:
            chosen[file.parent] = file
    return list(chosen.values())


@lru_cache(maxsize=256)
def _read(file: str, changed_ns: int) -> Translations:
    """Read a catalogue; once per process and state of the file, however often sites are built."""
    path = Path(file)
    if path.suffix == ".mo":
        return Translations(BytesIO(path.read_bytes()))
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parent.parent.name))
    compiled.seek(0)
    return Translations(compiled)


__all__ = [
    "Catalogues", "current_locale", "gettext", "install", "lazy_gettext", "lazy_ngettext", "lazy_pgettext",
    "ngettext", "pgettext", "setup", "speaking", "speaks", "words",
]  # fmt: skip
