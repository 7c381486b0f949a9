"""The facts of a deployment, from ``$GIGNEO_HOME/gigneo.toml`` and ``GIGNEO_SECTION__KEY``; a restart takes them up.

What the operator chooses while the site runs is kept in the database (``gigneo.core.settings``), never here.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from gigneo.core.config_sources import FILE_NAME, ConfigError, check_names, merge, read_all, wrong_values
from gigneo.core.secret_files import password_salt, secret_key

__all__ = ["Config", "ConfigError", "ensure_home", "find_home", "load_config", "password_salt", "secret_key"]


def _listed(value: Any) -> Any:
    """Accept ``a, b`` where a list is meant: variables have no other way to say it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise ValueError("no such time zone is known on this machine") from None
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("is not a web address")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    scheme = value.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        return f"postgresql+psycopg{value[len(scheme) :]}"
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("is neither SQLite nor PostgreSQL")
    if scheme == "sqlite" and value in ("sqlite://", "sqlite:///", "sqlite:///:memory:"):
        raise ValueError("names no file, and every thread would see a database of its own")
    return value


def _storage_url(value: str) -> str:
    if urlsplit(value).scheme not in ("file", "memory", "s3", "gs", "az", "azure"):
        raise ValueError("is not a storage that Gigneo knows")
    return value


def _mail_url(value: str) -> str:
    parts = urlsplit(value)
    if value != "folder" and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError("is not a way to send mail")
    return value


class Section(BaseModel):
    """A table of ``gigneo.toml``. Each field's description says what is allowed, and stands in refusals."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SiteSection(Section):
    """The site as the world sees it, and what its database starts with."""

    name: str = Field("Gigneo", min_length=1, max_length=80, description="a name of 1 to 80 characters")
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        "", description="the address people use, as in https://work.example (default: http://127.0.0.1:<web.port>)"
    )
    trusted_proxies: int = Field(0, ge=0, le=10, description="how many reverse proxies stand in front, 0 to 10")
    trusted_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (), description="host names that are answered, separated by commas (default: any)"
    )
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="three capital letters as in EUR; fixed at the first start")
    locale: str = Field("en", pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})*$", description="a language as in en or pt_BR")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field("UTC", description="a name as in Europe/Lisbon")


class DatabaseSection(Section):
    """Where the rows are."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        repr=False, description="sqlite:////path/to/gigneo.db or postgresql://user:password@host/name"
    )


class StorageSection(Section):
    """Where the files are."""

    url: Annotated[str, AfterValidator(_storage_url)] = Field(
        repr=False, description="file:///folder, memory://, s3://bucket, gs://bucket or az://container"
    )
    endpoint: Annotated[str, AfterValidator(_base_url)] = Field(
        "", description="where an S3-compatible server listens, as in https://s3.example (default: the provider's own)"
    )
    region: str = Field("", pattern=r"^[a-z0-9-]{0,40}$", description="the region of an S3 bucket, as in eu-central-1")
    access_key: str = Field("", max_length=200, description="the name of an S3 key (default: AWS_ACCESS_KEY_ID)")
    secret_key: SecretStr = Field(
        SecretStr(""), repr=False, description="the secret of an S3 key (default: AWS_SECRET_ACCESS_KEY)"
    )
    signed_links: bool = Field(
        True,
        description="true or false: whether downloads lead to the bucket by a link that lives a minute, or pass through here",
    )


class MailSection(Section):
    """How mail leaves."""

    url: Annotated[str, AfterValidator(_mail_url)] = Field(
        "folder", repr=False, description="folder, smtp://user:password@host:587 or smtps://user:password@host:465"
    )
    sender: str = Field("Gigneo <gigneo@localhost.localdomain>", pattern=r"^[^\r\n]*@[^\r\n]+$", description="an e-mail address")


class WebSection(Section):
    """How pages are served."""

    host: str = Field("127.0.0.1", min_length=1, description="an address of this machine; 0.0.0.0 for all of them")
    port: int = Field(8000, ge=1, le=65535, description="a whole number from 1 to 65535")
    threads: int = Field(16, ge=2, le=128, description="threads in each worker process, 2 to 128")
    transfers: int = Field(64, ge=1, le=1024, description="files sent or taken at once by each, beside its threads, 1 to 1024")
    workers: int = Field(1, ge=1, le=64, description="worker processes, 1 to 64; more than one needs PostgreSQL")


class TasksSection(Section):
    """How what happens later is run."""

    threads: int = Field(2, ge=1, le=32, description="tasks run at once, 1 to 32")
    lease_seconds: int = Field(300, ge=10, le=86400, description="longer than the slowest task, 10 to 86400")
    poll_seconds: float = Field(1.0, ge=0.05, le=60, description="0.05 to 60")
    embedded: bool = Field(True, description="true or false: whether web processes run tasks too")


class UploadsSection(Section):
    """What people may send."""

    max_mb: int = Field(100, ge=1, le=10240, description="megabytes of one file, 1 to 10240; a request may carry four such files")
    max_files: int = Field(20, ge=1, le=200, description="files in one request, 1 to 200")


class LogSection(Section):
    """What is written about what happens."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    format: Literal["json", "text"] = Field("text", description="json or text")


class ModulesSection(Section):
    """How modules are switched."""

    preflight_seconds: float = Field(60, ge=1, le=600, description="how long trying a module may take, 1 to 600")
    poll_seconds: float = Field(0.25, ge=0.05, le=2, description="how often a process looks for a new revision, 0.05 to 2")
    safe_mode: bool = Field(False, description="1 or 0: start without any third-party module")


class Config(BaseSettings):
    """The facts of this deployment, checked and frozen.

    Attributes:
        home: the folder that holds what this deployment keeps; absolute.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path
    site: SiteSection = SiteSection()
    database: DatabaseSection
    storage: StorageSection
    mail: MailSection = MailSection()
    web: WebSection = WebSection()
    tasks: TasksSection = TasksSection()
    uploads: UploadsSection = UploadsSection()
    log: LogSection = LogSection()
    modules: ModulesSection = ModulesSection()

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **_others: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the caller only: ``load_config`` has read and checked every source by then."""
        return (init_settings,)

    def sources(self) -> Mapping[str, str]:
        """Say where each value came from: ``web.port`` → a variable's name, a file and key, or ``default``."""
        return {name: self._sources.get(name, "default") for name in names()}

    def shown(self) -> Mapping[str, Any]:
        """Return every value by its name, with secrets masked."""
        return {name: mask(getattr(getattr(self, name.split(".")[0]), name.split(".")[1])) for name in names()}

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database.url.startswith("sqlite")

    @property
    def mail_folder(self) -> Path:
        """Where mails are written when ``mail.url`` is ``folder``."""
        return self.home / "mail"


def sections() -> Mapping[str, type[Section]]:
    """Return the sections of the configuration by name."""
    found = {name: field.annotation for name, field in Config.model_fields.items()}
    return {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, Section)}


def names() -> Mapping[str, str]:
    """Return every name, as in ``web.port``, with what is allowed there."""
    return {
        f"{section}.{key}": field.description or ""
        for section, kind in sections().items()
        for key, field in kind.model_fields.items()
    }


def mask(value: Any) -> Any:
    """Hide a secret; in a URL the password, and whatever follows a question mark."""
    if isinstance(value, SecretStr):
        return "…" if value.get_secret_value() else ""
    if not isinstance(value, str) or "://" not in value:
        return list(value) if isinstance(value, tuple) else value
    return re.sub(r"\?.*", "?…", re.sub(r"(://[^/@:]*):.*@", r"\1:…@", value))


def find_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the home: ``GIGNEO_HOME``, else a folder among the user's data; it need not exist."""
    if given := environ.get("GIGNEO_HOME"):
        return Path(given).expanduser().absolute()
    data = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser().absolute() / "gigneo"


def load_config(home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration; nothing is created.

    Args:
        home: the home folder; by default the one that ``find_home`` names.
        environ: the variables.

    Raises:
        ConfigError: with every unknown name and every wrong value, its source, and what is allowed.
    """
    home = Path(home).absolute() if home else find_home(environ)
    found = read_all(Config, home / FILE_NAME, environ)
    problems = check_names(found, names(), environ)
    values, origins = merge(found, _defaults(home))
    try:
        config = Config(home=home, **values)
    except ValueError as error:
        raise ConfigError([*problems, *wrong_values(error, origins, names())]) from None
    if problems:
        raise ConfigError(problems)
    if not config.site.base_url:
        site = config.site.model_copy(update={"base_url": f"http://127.0.0.1:{config.web.port}"})
        config = config.model_copy(update={"site": site})
    config._sources.update(origins)
    return config


def ensure_home(home: Path) -> Path:
    """Make the home folder, for its owner only, when it is absent; return it.

    Raises:
        ConfigError: it can't be made, or not be written to.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([f"The home {home} can't be made: {error.strerror}. Choose another with GIGNEO_HOME."]) from None
    if not os.access(home, os.W_OK):
        raise ConfigError([f"The home {home} can't be written to. Choose another with GIGNEO_HOME."])
    return home


def _defaults(home: Path) -> dict[str, dict[str, Any]]:
    return {"database": {"url": f"sqlite:///{home}/gigneo.db"}, "storage": {"url": f"file://{home}/files"}}
