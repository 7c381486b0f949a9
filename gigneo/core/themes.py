"""Themes: where a template comes from. Child, parent, plugin, kernel; a prefix reaches the next layer, so that a theme
extends what it overrides instead of copying it."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound

KERNEL_TEMPLATES: Final = Path(__file__).parent / "templates"
KERNEL_STATIC: Final = Path(__file__).parent / "static"

#: The first part of names that no theme may give: the rescue must not depend on a theme.
RESERVED: Final = frozenset({"admin", "kernel"})

_KEYS: Final = {"name", "title", "summary", "parent", "gigneo", "version", "author"}
_REACH: Final = re.compile(r"""(\{%[-+]?\s*(?:extends|include|import|from)\s+["'])!parent/""")
_INNER: Final = re.compile(r"!parent\.(\d+)/(.*)", re.DOTALL)

Source = tuple[str, str | None, Callable[[], bool] | None]


class ThemeError(Exception):
    """A theme can't be used; the message says which, where, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme and what it stands on.

    Attributes:
        name: its folder's name.
        title: for people.
        parent: the theme that it extends, or ``None``.
        path: its folder, with ``theme.toml``, ``templates/``, ``static/`` and ``translations/``.
        gigneo: the range of Gigneo versions that it is made for, as in ``>=0.1,<1``.
        version: its own version.
    """

    name: str
    title: str
    parent: "Theme | None"
    path: Path
    gigneo: str = ""
    version: str = ""

    @property
    def line(self) -> tuple["Theme", ...]:
        """The theme and its ancestors, nearest first."""
        return (self, *(self.parent.line if self.parent else ()))

    def static_files(self) -> dict[str, Path]:
        """The static files by name; a child's file stands before its parent's of the same name."""
        found: dict[str, Path] = {}
        for theme in reversed(self.line):
            root = theme.path / "static"
            found.update((path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file())
        return found

    def translation_dirs(self) -> tuple[Path, ...]:
        """The folders with catalogues, the farthest ancestor first."""
        return tuple(theme.path / "translations" for theme in reversed(self.line))


def shipped_themes() -> Path:
    """Return the folder of the themes that Gigneo ships."""
    return Path(str(files("gigneo.themes")))


def find_theme(name: str, folders: Sequence[Path] = ()) -> Theme:
    """Find a theme and its ancestors.

    Args:
        name: the folder's name.
        folders: where to look first; the shipped themes come last.

    Raises:
        ThemeError: there is no such theme, its ``theme.toml`` is wrong, or its parents go in a circle.
    """
    return _find(name, (*folders, shipped_themes()), ())


def _find(name: str, folders: Sequence[Path], children: tuple[str, ...]) -> Theme:
    if name in children:
        raise ThemeError(f"The parents of themes go in a circle: {' → '.join((*children, name))}.")
    path = next((folder / name for folder in folders if (folder / name / "theme.toml").is_file()), None)
    if path is None or not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        wanted = f", the parent of {children[-1]!r}," if children else ""
        raise ThemeError(f"There is no theme {name!r}{wanted} in {', '.join(map(str, folders))}.")
    told = _read(path / "theme.toml")
    if told["name"] != name:
        raise ThemeError(f"{path / 'theme.toml'}: the name is {told['name']!r}, the folder's is {name!r}.")
    above = told.get("parent")
    return Theme(
        name=name,
        title=told.get("title", name),
        parent=_find(above, folders, (*children, name)) if above else None,
        path=path,
        gigneo=told.get("gigneo", ""),
        version=told.get("version", ""),
    )


def _read(file: Path) -> dict[str, str]:
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ThemeError(f"{file} can't be read: {fault}") from fault
    unknown = sorted(set(told) - _KEYS)
    if unknown:
        raise ThemeError(f"{file}: unknown {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}.")
    if "name" not in told or not all(isinstance(value, str) for value in told.values()):
        raise ThemeError(f"{file}: every value is a text, and a name is needed.")
    return told


@dataclass(frozen=True, slots=True)
class _Layer:
    """One place of templates. ``of_plugins`` maps a first part of a name to its folder's loader; else ``one`` has all."""

    kind: str
    one: FileSystemLoader | None = None
    of_plugins: Mapping[str, FileSystemLoader] | None = None

    def loader(self, name: str) -> FileSystemLoader | None:
        """Return who would have the template, or ``None`` where this layer may not give it."""
        first, _, rest = name.partition("/")
        if self.of_plugins is not None:
            return self.of_plugins.get(first) if rest else None
        return None if self.kind == "theme" and first in RESERVED else self.one

    def names(self) -> Iterator[str]:
        """Yield the names of all templates that this layer may give."""
        every = [self.one] if self.one else list((self.of_plugins or {}).values())
        for loader in every:
            yield from (name for name in loader.list_templates() if self.loader(name) is loader)


class ThemeLoader(BaseLoader):
    """Loads templates through the chain child → parent → plugin → kernel.

    A name may begin with ``!plugin/`` or ``!kernel/``, which reach that layer past all before it, or, in the ``extends``,
    ``include``, ``import`` and ``from`` of a theme's template, with ``!parent/``, which reaches the layer after that theme.
    """

    def __init__(self, theme: Theme | None, plugin_dirs: Mapping[str, Path]) -> None:
        themes = [_Layer("theme", FileSystemLoader(each.path / "templates")) for each in (theme.line if theme else ())]
        plugins = {name: FileSystemLoader(path) for name, path in plugin_dirs.items() if name not in RESERVED}
        kernel = _Layer("kernel", FileSystemLoader(KERNEL_TEMPLATES))
        self._layers: Final = (*themes, _Layer("plugin", of_plugins=plugins), kernel)

    def get_source(self, environment: Environment, template: str) -> Source:
        """Return the source of ``template``, its file, and a function that says whether it is still the same."""
        start, name = self._where(template)
        for number, layer in enumerate(self._layers[start:], start):
            loader = layer.loader(name)
            if loader is None:
                continue
            try:
                source, file, fresh = loader.get_source(environment, name)
            except TemplateNotFound:
                continue
            return _REACH.sub(rf"\g<1>!parent.{number + 1}/", source), file, fresh
        raise TemplateNotFound(template)

    def list_templates(self) -> list[str]:
        """Return the names of all templates, as pages call them."""
        return sorted({name for layer in self._layers for name in layer.names()})

    def _where(self, template: str) -> tuple[int, str]:
        if not template.startswith("!"):
            return 0, template
        inner = _INNER.fullmatch(template)
        if inner:
            return min(int(inner[1]), len(self._layers)), inner[2]
        kind, _, name = template[1:].partition("/")
        for number, layer in enumerate(self._layers):
            if layer.kind == kind and kind != "theme":
                return number, name
        known = "!parent/ (in a theme's own tags), !plugin/ and !kernel/"
        raise TemplateNotFound(template, f"{template!r}: the prefixes are {known}.")


def template_loader(theme: Theme | None, plugin_dirs: Mapping[str, Path]) -> ThemeLoader:
    """Build the loader of a site.

    Args:
        theme: the theme in use, or ``None`` for the bare kernel (safe mode).
        plugin_dirs: each enabled plugin's ``templates`` folder by the plugin's name; only what is below the folder of
            that same name is ever found in it, so that no plugin shadows another or the kernel.
    """
    return ThemeLoader(theme, plugin_dirs)


def foreign_templates(name: str, folder: Path) -> list[str]:
    """Return the templates of a plugin that can't be found because they are not below ``templates/<plugin>/``."""
    return [each for each in FileSystemLoader(folder).list_templates() if not each.startswith(f"{name}/")]
