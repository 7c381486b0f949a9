"""What holds for every template and every colour, ours and the bundled modules'."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import gigneo
from gigneo.core.themes import KERNEL_TEMPLATES, find_theme

THEME = find_theme("default").path
PACKAGE = Path(gigneo.__file__).parent
PAGES = sorted(
    path
    for root in (THEME / "templates", PACKAGE)
    for path in root.rglob("*.html")
    if "templates" in path.parts and "email" not in path.parts
)
SOURCES = [*PAGES, *sorted(PACKAGE.rglob("*.py"))]
SYMBOLS = set(re.findall(r'<symbol id="([^"]+)"', (THEME / "static/icons.svg").read_text()))
CSS = (THEME / "static/theme.css").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_page_needs_nothing_that_the_policy_forbids(page: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", page.read_text(), flags=re.DOTALL)
    assert not re.search(r"<style|\sstyle\s*=|javascript:|\son[a-z]+\s*=", text), "inline style or script"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), "unescaped output"
    assert not re.search(r"""(?:src|href|action)=["']https?:""", text), "a request that leaves the site"


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    asked = {
        (name, path.name)
        for path in SOURCES
        for name in re.findall(r"""\b(?:svg_)?icon(?:\(|=)["']([a-z-]+)["']""", path.read_text())
    }
    assert {name for name, _ in asked} - SYMBOLS == set()
    assert len(asked) > 10


@pytest.mark.parametrize("file", ["macros/ui.html", "macros/form.html"])
def test_the_kernels_macros_take_what_the_themes_take(file: str) -> None:
    bare, dressed = (signatures(root / file) for root in (KERNEL_TEMPLATES, THEME / "templates"))
    assert {name: bare.get(name) for name in dressed} == dressed


def signatures(file: Path) -> dict[str, tuple[str, ...]]:
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(file.read_text())
    found = {macro.name: tuple(argument.name for argument in macro.args) for macro in tree.find_all(nodes.Macro)}
    return {name: arguments for name, arguments in found.items() if not name.startswith("_")}


def tokens(mode: int) -> dict[str, str]:
    return {name: pair[mode] for name, *pair in re.findall(r"--([a-z0-9-]+): light-dark\((#\w+), (#\w+)\)", CSS)}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def pairs() -> Iterator[tuple[str, str, float]]:
    for ground in ("paper", "card", "wash"):
        yield from ((text, ground, 4.5) for text in ("ink", "ink-2", "brand", "bad"))
        yield "edge", ground, 3.0
    yield from ((tone, f"{tone}-wash", 4.5) for tone in ("brand", "good", "warn", "bad", "plum"))
    yield from (("brand-ink", "brand", 4.5), ("brand-ink", "brand-2", 4.5), ("bad-ink", "bad", 4.5), ("ink", "brand-wash", 4.5))
    yield from (("ink-2", "brand-wash", 4.5), ("brand", "card", 4.5), ("warn", "card", 4.5), ("good", "card", 4.5))


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), list(pairs()))
def test_words_can_be_read_on_their_ground(mode: int, text: str, ground: str, least: float) -> None:
    chosen = tokens(mode)
    assert contrast(chosen[text], chosen[ground]) >= least
