"""A module's manifest, ``plugin.toml``: read without importing the module, and every problem of it told at once."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gigneo.core.db.prefixes import KERNEL_PREFIXES

FILE_NAME: Final = "plugin.toml"
BUNDLED_DISTRIBUTION: Final = "gigneo"
RESERVED_NAMES: Final = frozenset(
    {
        "admin",
        "alembic",
        "api",
        "core",
        "dashboard",
        "errors",
        "files",
        "gigneo",
        "kernel",
        "layout",
        "login",
        "logout",
        "macros",
        "mail",
        "register",
        "security",
        "static",
        "theme",
        "themes",
    }
)
RESERVED_COMMANDS: Final = frozenset({"config", "db", "doctor", "hooks", "modules", "run", "users", "web", "worker"})

_NAME = re.compile(r"[a-z][a-z0-9]{1,30}")
_PLAIN_VERSION = re.compile(r"\d+(\.\d+)*")
_PLAIN_RANGE = re.compile(r"((>=|<=|<|>|==|!=) *\d+(\.\d+)* *(, *(?=[<>=!])|$))*")
_COMMAND = re.compile(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_TEXTS = ("name", "title", "summary", "version", "author", "gigneo")
_FLAGS = ("essential", "enabled_by_default")
_KEYS = (*_TEXTS, *_FLAGS, "requires", "wants", "commands")
_KINDS: Mapping[type, str] = {str: "a text", bool: "true or false", dict: "a table", list: "a list of tables"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a module adds to the command line.

    Attributes:
        name: one or two words, as in ``wallet audit``.
        help: one sentence for ``--help``.
        target: ``package.module:attribute``, a ``click.Command``; imported only when the command runs.
    """

    name: str
    help: str
    target: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a module says of itself.

    Attributes:
        name: entry-point name, table prefix, template folder and endpoint prefix in one.
        title: what people read.
        summary: one sentence.
        version: of the module, PEP 440.
        author: who made it.
        gigneo: the range of kernel versions that it works with.
        essential: can't be switched off.
        enabled_by_default: on at the first start; honoured for bundled modules only.
        requires: hard requirements, name → version range.
        wants: modules that it comes after when they are there, name → version range.
        commands: what it adds to the command line.
        package: the Python package, as in ``gigneo.plugins.orders``.
        path: the package's folder.
        distribution: the installed distribution that it came in.
        bundled: whether that distribution is Gigneo itself.
    """

    name: str
    title: str
    summary: str
    version: str
    author: str
    gigneo: str
    essential: bool
    enabled_by_default: bool
    package: str
    path: Path
    distribution: str
    requires: Mapping[str, str] = field(default_factory=dict)
    wants: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()

    @property
    def bundled(self) -> bool:
        """Whether it came with Gigneo itself, and is trusted as the kernel is."""
        return self.distribution == BUNDLED_DISTRIBUTION

    @property
    def migrations(self) -> Path:
        """Where its migrations are; the folder may be absent."""
        return self.path / "migrations"


class BadManifest(ValueError):
    """A ``plugin.toml`` that can't be used.

    Args:
        problems: every one of them, each a sentence.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problems))


def read_manifest(folder: Path, *, name: str, package: str, distribution: str) -> Manifest:
    """Read and check the manifest of an installed module.

    Args:
        folder: the package's folder.
        name: the entry-point name, which the manifest must repeat.
        package: the package that the entry point names.
        distribution: the installed distribution that it came in.

    Raises:
        BadManifest: with every problem found.
    """
    try:
        data = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadManifest([f"The package {package} has no {FILE_NAME}."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadManifest([f"The {FILE_NAME} of {package} can't be read: {error}."]) from None
    problems = [*_unknown_keys(data), *_wrong_kinds(data)]
    if problems:
        raise BadManifest(problems)
    manifest = Manifest(
        name=data["name"],
        title=data["title"],
        summary=data.get("summary", ""),
        version=data["version"],
        author=data.get("author", ""),
        gigneo=data["gigneo"],
        essential=data.get("essential", False),
        enabled_by_default=data.get("enabled_by_default", False),
        requires=dict(data.get("requires", {})),
        wants=dict(data.get("wants", {})),
        commands=tuple(Command(**command) for command in data.get("commands", [])),
        package=package,
        path=folder,
        distribution=distribution,
    )
    problems = [*_wrong_names(manifest, name), *_wrong_ranges(manifest), *_wrong_commands(manifest)]
    if problems:
        raise BadManifest(problems)
    return manifest


def _unknown_keys(data: Mapping[str, Any]) -> list[str]:
    problems = []
    for key in data:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, 1)
            problems.append(f"{FILE_NAME} has an unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else "."))
    return problems


def _wrong_kinds(data: Mapping[str, Any]) -> list[str]:
    problems = [f"{FILE_NAME} lacks {key!r}." for key in ("name", "title", "version", "gigneo") if key not in data]
    kinds: dict[str, type] = {key: str for key in _TEXTS} | {key: bool for key in _FLAGS}
    kinds |= {"requires": dict, "wants": dict, "commands": list}
    problems += [
        f"{key!r} must be {_KINDS[kind]}, not {data[key]!r}."
        for key, kind in kinds.items()
        if key in data and not isinstance(data[key], kind)
    ]
    for table in ("requires", "wants"):
        if isinstance(data.get(table), dict):
            problems += [
                f"[{table}] {other!r} must be a version range in quotes, not {wanted!r}."
                for other, wanted in data[table].items()
                if not isinstance(wanted, str)
            ]
    if isinstance(data.get("commands"), list):
        for command in data["commands"]:
            keys = command.keys() if isinstance(command, dict) else ()
            if set(keys) != {"name", "help", "target"} or not all(isinstance(value, str) for value in command.values()):
                problems.append(f"A [[commands]] entry has exactly the texts name, help and target, not {command!r}.")
    return problems


def _wrong_names(manifest: Manifest, entry_point: str) -> list[str]:
    name, problems = manifest.name, []
    if name != entry_point:
        problems.append(f"{FILE_NAME} says name = {name!r}, but the entry point is called {entry_point!r}.")
    if not _NAME.fullmatch(name):
        problems.append(f"The name {name!r} must be 2 to 31 small letters and digits, beginning with a letter.")
    elif f"{name}_".startswith(KERNEL_PREFIXES) or name in RESERVED_NAMES:
        problems.append(f"The name {name!r} is the kernel's own: its tables, templates or addresses begin so.")
    if not manifest.title.strip():
        problems.append("'title' must not be empty.")
    return problems


def _wrong_ranges(manifest: Manifest) -> list[str]:
    problems = []
    if not _is_version(manifest.version):
        problems.append(f"The version {manifest.version!r} is not a version number.")
    ranges = [("gigneo", manifest.gigneo)]
    ranges += [(f"[requires] {other}", wanted) for other, wanted in manifest.requires.items()]
    ranges += [(f"[wants] {other}", wanted) for other, wanted in manifest.wants.items()]
    for where, wanted in ranges:
        if not _is_range(wanted):
            problems.append(f"{where} = {wanted!r} is not a version range such as '>=0.1,<1'.")
    if manifest.name in manifest.requires or manifest.name in manifest.wants:
        problems.append(f"{manifest.name!r} can't require or want itself.")
    return problems


def _is_version(text: str) -> bool:
    """Ask ``packaging`` only about what is not plain: importing it costs the command line's help a tenth of a second."""
    if _PLAIN_VERSION.fullmatch(text):
        return True
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_range(text: str) -> bool:
    if _PLAIN_RANGE.fullmatch(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _wrong_commands(manifest: Manifest) -> list[str]:
    problems = []
    for command in manifest.commands:
        if not _COMMAND.fullmatch(command.name):
            problems.append(f"The command {command.name!r} must be one or two words of small letters.")
        elif command.name.split()[0] in RESERVED_COMMANDS:
            problems.append(f"The command {command.name!r} would hide the kernel's own {command.name.split()[0]!r}.")
        if not _TARGET.fullmatch(command.target):
            problems.append(f"The target of {command.name!r} must read 'package.module:attribute', not {command.target!r}.")
    return problems
