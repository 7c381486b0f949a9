"""Where configuration comes from, and what is said of a name or value that is wrong: its source and what is allowed."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, TomlConfigSettingsSource

FILE_NAME: Final = "gigneo.toml"
PREFIX: Final = "GIGNEO_"
OTHER_VARIABLES: Final = ("GIGNEO_HOME", "GIGNEO_SAFE_MODE", "GIGNEO_CRASH_AT", "GIGNEO_TEST_POSTGRES")


class ConfigError(ValueError):
    """The configuration can't be used.

    Args:
        problems: every one of them, each a sentence or two.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Found:
    """What one source holds.

    Attributes:
        place: what people call it: a file, or ``the environment``.
        values: section → key → value.
        is_file: whether its keys are those of a file.
    """

    place: str
    values: Mapping[str, Any]
    is_file: bool = False

    def origin(self, section: str, key: str) -> str:
        """Say where a value stands, as in ``GIGNEO_WEB__PORT`` or ``/srv/gigneo.toml, [web] port``."""
        return f"{self.place}, [{section}] {key}" if self.is_file else self.place or variable(section, key)


class _Environment(EnvSettingsSource):
    """The variables that a caller hands over, instead of the process's own."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(settings, env_prefix=PREFIX, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items()}


def variable(section: str, key: str) -> str:
    """Return the variable of a name, as in ``GIGNEO_WEB__PORT``."""
    return f"{PREFIX}{section}__{key}".upper()


def read_all(settings: type[BaseSettings], file: Path, environ: Mapping[str, str]) -> list[Found]:
    """Read every source, the strongest last.

    Args:
        settings: the class whose sections the variables name.
        file: the TOML file; need not exist.
        environ: the variables.

    Raises:
        ConfigError: the file can't be read.
    """
    found = []
    if port := environ.get("PORT"):
        found.append(Found("PORT", {"web": {"port": port}}))
    try:
        found.append(Found(str(file), TomlConfigSettingsSource(settings, file)(), is_file=True))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError([f"{file} can't be read: {error}."]) from None
    named = {name: value for name, value in environ.items() if name.startswith(PREFIX) and "__" in name}
    found.append(Found("", _Environment(settings, named)()))
    if (safe := environ.get("GIGNEO_SAFE_MODE")) is not None:
        found.append(Found("GIGNEO_SAFE_MODE", {"modules": {"safe_mode": safe or "0"}}))
    return found


def check_names(found: list[Found], names: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """Name everything that no part of Gigneo would read.

    Args:
        found: what the sources hold.
        names: the known names, ``section.key``, with what is allowed there.
        environ: the variables, where unknown sections don't reach ``found``.
    """
    problems = []
    known = (*OTHER_VARIABLES, *(variable(*name.split(".")) for name in names))
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in known:
            problems.append(f"The variable {name} is unknown.{_meant(name, known)}")
    for source in found:
        if source.is_file:
            problems += _check_file(source, names)
    return problems


def _check_file(source: Found, names: Mapping[str, str]) -> list[str]:
    problems = []
    sections: dict[str, list[str]] = {}
    for name in names:
        section, key = name.split(".")
        sections.setdefault(section, []).append(key)
    for section, table in source.values.items():
        if section not in sections and isinstance(table, dict):
            problems.append(f"{source.place} has an unknown section [{section}].{_meant(section, sections)}")
        elif section not in sections:
            problems.append(f"{source.place} has a key {section!r} outside any section. Sections: {', '.join(sections)}.")
        elif not isinstance(table, dict):
            problems.append(f"{source.place}: {section} must be a section, [{section}], with {', '.join(sections[section])}.")
        else:
            for key in table:
                if key not in sections[section]:
                    problems.append(f"{source.place}, [{section}] has an unknown key {key!r}.{_meant(key, sections[section])}")
    return problems


def _meant(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name if name in known else name.lower(), [each.lower() for each in known], 1, 0.7)
    allowed = f" Allowed here: {', '.join(known)}." if len(known) < 12 else " 'gigneo config show' lists all of them."
    meant = next((each for each in known if close and each.lower() == close[0]), None)
    return (f" Did you mean {meant}?" if meant else "") + allowed


def merge(found: list[Found], defaults: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Lay the sources over each other.

    Args:
        found: what the sources hold, the strongest last.
        defaults: what holds when no source says a thing.

    Returns:
        section → key → value for the known names, and ``section.key`` → its source.
    """
    values: dict[str, Any] = {section: dict(table) for section, table in defaults.items()}
    origins: dict[str, str] = {}
    for source in found:
        for section, table in source.values.items():
            for key, value in table.items() if isinstance(table, dict) else ():
                values.setdefault(section, {})[key] = value
                origins[f"{section}.{key}"] = source.origin(section, key)
    return values, origins


def wrong_values(error: ValueError, origins: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Turn what pydantic says into sentences that name the source and what is allowed.

    Args:
        error: what validation raised.
        origins: ``section.key`` → its source.
        names: ``section.key`` → what is allowed.
    """
    if not isinstance(error, ValidationError):
        return [str(error)]
    problems = {}
    for each in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in each["loc"][:2])
        if name in names:
            said = each["msg"].removeprefix("Value error, ")
            problems[name] = f"{origins.get(name, name)} has a wrong value: {said}. Allowed: {names[name]}."
    return list(problems.values())
