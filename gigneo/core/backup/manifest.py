"""What an archive says of itself: the manifest at its beginning, a line for each file, and the end."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gigneo.core.refusals import Refused

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LISTING: Final = "files.jsonl"
END: Final = "end.json"
FILES: Final = "files/"
SECRETS: Final = "secrets/"
DATABASES: Final[Mapping[str, str]] = {"sqlite": "database.sqlite.gz", "postgresql": "database.pgdump"}
"""Kind of database → the name of its entry."""
LARGEST_BYTES: Final = 64 * 1024 * 1024
"""Of a manifest or an end; both grow with tables and faults, not with files."""
KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
"""What :meth:`gigneo.core.files.storage.Storage.put` makes."""

Kind = Literal["sqlite", "postgresql"]
Model = TypeVar("Model", bound=BaseModel)


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("is no key of a file")
    return value


class Part(BaseModel):
    """A strict, frozen piece of an archive's own description."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(Part):
    """An entry of the archive.

    Attributes:
        size_bytes: how long it is.
        sha256: of its bytes.
    """

    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(Part):
    """The first entry.

    Attributes:
        format: of the archive.
        gigneo: the version that wrote it.
        made_at: when the database was copied.
        site: the address of the site.
        kind: of the database.
        server: the version of the database's server or library.
        revision: of the site.
        migrations: owner of tables → its revision.
        modules: module that was on → its version.
        rows: table → how many rows.
        files: how many.
        files_bytes: how long they are together.
        database: the entry of the database.
        database_bytes: how long it is when it is no longer compressed; 0 where only the database's own program can.
        listing: the entry with a line for each file.
        secrets: name → entry; empty when they were left out.
    """

    format: int
    gigneo: str
    made_at: Annotated[datetime, Field(strict=False)]
    site: str
    kind: Kind
    server: str
    revision: int
    migrations: dict[str, str]
    modules: dict[str, str]
    rows: dict[str, int]
    files: int
    files_bytes: int
    database: Entry
    database_bytes: int
    listing: Entry
    secrets: dict[Literal["secret_key", "password_salt"], Entry]


class Listed(Part):
    """A line of the listing: a file as its row describes it.

    Attributes:
        key: in the storage.
        size_bytes: its length.
        sha256: of its bytes.
        name: that people see.
        content_type: what it is.
    """

    key: Annotated[str, AfterValidator(_key)]
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str
    content_type: str


class End(Part):
    """The last entry: without it an archive is not whole.

    Attributes:
        manifest_sha256: of the first entry.
        missing: keys of files that were not there when they were to be copied.
        damaged: keys of files whose bytes were not those that their row says.
    """

    manifest_sha256: str
    missing: list[str] = []
    damaged: list[str] = []


def parsed(model: type[Model], text: bytes, name: str) -> Model:
    """Read a part of an archive.

    Raises:
        Refused: it is not what it should be.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(f"The archive is damaged: {name} is not as it should be ({where} {first['msg']}).", "damaged") from None
