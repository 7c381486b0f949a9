"""Static files under addresses that carry their content's hash, so that a browser keeps each one for ever."""

import atexit
import gzip
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Self

from servestatic import ServeStatic
from servestatic.responders import StaticFile

Files = Path | Mapping[str, Path]
"""A namespace's files: a folder with all that is below it, or the files by name."""

PREFIX: Final = "/static/"
HASH_LENGTH: Final = 12
_COMPRESSED: Final = frozenset({".css", ".js", ".mjs", ".svg", ".json", ".txt", ".xml", ".html", ".map", ".ttf", ".webmanifest"})
_CSS_URL: Final = re.compile(r"""url\(\s*["']?(?!data:|https?:|/|#)([^"')\s]+)["']?\s*\)""")
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class UnknownStatic(LookupError):
    """A template or a view asks for a static file that no namespace has."""


class _Server(ServeStatic):
    """servestatic over names of ours; what is smaller compressed is sent so."""

    def __init__(self) -> None:
        super().__init__(
            None,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: True,
            add_headers_function=_add_headers,
        )

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """Describe a file as the base class does, with its compressed variant in our cache folder."""
        plain = super().get_static_file(path, url, stat_cache)
        smaller = _compressed(path, _digest(path, *_stamp(path)))
        if smaller is None:
            return plain
        headers = [(name, value) for name, value in plain.alternatives[0][2] if name not in ("Content-Length", "Vary")]
        return StaticFile(path, headers, encodings={"gzip": smaller})


class StaticFiles:
    """The static files of one site.

    Args:
        files: the files by namespace and name.
    """

    def __init__(self, files: Mapping[str, Mapping[str, Path]]) -> None:
        self._server: Final = _Server()
        self._urls: Final[dict[tuple[str, str], str]] = {}
        for namespace, named in files.items():
            for name, path in sorted(named.items(), key=lambda item: item[0].endswith(".css")):
                self._add(namespace, name, self._linked(namespace, name, path) if name.endswith(".css") else path)

    @classmethod
    def build(cls, namespaces: Mapping[str, Files]) -> Self:
        """Collect the files of a site.

        Args:
            namespaces: ``theme``, ``kernel``, ``bootstrap`` and each plugin's name, with a folder or the files by name.
                Names that begin with a dot are left out.
        """
        return cls({name: files if isinstance(files, Mapping) else _below(files) for name, files in namespaces.items()})

    def url(self, namespace: str, path: str) -> str:
        """Return the address of a file.

        Args:
            namespace: whose file.
            path: its name in that namespace, as in ``css/bootstrap.min.css``.

        Raises:
            UnknownStatic: there is no such file.
        """
        try:
            return self._urls[namespace, path]
        except KeyError:
            known = sorted(name for owner, name in self._urls if owner == namespace)
            raise UnknownStatic(f"No static file {path!r} in {namespace!r}; there are: {', '.join(known) or 'none'}.") from None

    def _add(self, namespace: str, name: str, path: Path) -> None:
        stem, dot, ending = name.rpartition(".")
        digest = _digest(str(path), *_stamp(path))[:HASH_LENGTH]
        url = f"{PREFIX}{namespace}/" + (f"{stem}.{digest}.{ending}" if dot else f"{name}.{digest}")
        self._urls[namespace, name] = url
        self._server.add_file_to_dictionary(url, str(path))

    def _linked(self, namespace: str, name: str, path: Path) -> Path:
        """Give the fonts and pictures that a style sheet names their hashed addresses; style sheets come after them."""
        links = []
        for target in sorted(set(_links(str(path), *_stamp(path)))):
            url = self._urls.get((namespace, posixpath.normpath(posixpath.join(posixpath.dirname(name), target))))
            if url is not None:
                links.append((target, url))
        return _relinked(path, _digest(str(path), *_stamp(path)), tuple(links)) if links else path

    def wrap(self, application: WsgiApp) -> WsgiApp:
        """Return a WSGI application that answers below ``/static/`` itself and hands all else to ``application``."""

        def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if not environ.get("PATH_INFO", "").startswith(PREFIX):
                return application(environ, start_response)
            environ["gigneo.sandboxed"] = True
            answer: Iterable[bytes] = self._server(environ, _with_headers(start_response))
            return answer

        return serve


def _with_headers(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Complete the headers of what servestatic answers without ours: 304, 404, 405."""

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        given = {name.lower() for name, _ in headers}
        missing = [(name, value) for name, value in _HEADERS.items() if name.lower() not in given]
        if status.startswith("4"):
            missing.append(("Cache-Control", "no-store"))
        return start_response(status, [*headers, *missing])

    return start


def _add_headers(headers: Any, path: str, url: str) -> None:
    for name, value in _HEADERS.items():
        headers[name] = value


def _below(folder: Path) -> dict[str, Path]:
    """The files below a folder by name; links that lead out of it are left out."""
    root = folder.resolve()
    found: dict[str, Path] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.resolve().is_relative_to(root):
                found[path.relative_to(folder).as_posix()] = path
    return found


def _stamp(path: str | Path) -> tuple[int, int]:
    told = os.stat(path)
    return told.st_mtime_ns, told.st_size


@lru_cache(maxsize=4096)
def _digest(path: str, changed_ns: int, size: int) -> str:
    """Hash a file's content; once per process and state of the file, however often sites are built."""
    return blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()


@lru_cache(maxsize=1024)
def _links(path: str, changed_ns: int, size: int) -> tuple[str, ...]:
    """Find what a style sheet links to beside itself."""
    return tuple(_CSS_URL.findall(Path(path).read_text("utf-8", "replace")))


@lru_cache(maxsize=1024)
def _relinked(path: Path, digest: str, links: tuple[tuple[str, str], ...]) -> Path:
    """Write a style sheet with other links into this process's cache folder."""
    new = dict(links)
    text = _CSS_URL.sub(lambda found: f'url("{new.get(found[1], found[1])}")', path.read_text("utf-8"))
    target = _cache_folder() / f"{blake2b(repr((digest, links)).encode(), digest_size=16).hexdigest()}.css"
    target.write_text(text, "utf-8")
    return target


@lru_cache(maxsize=4096)
def _compressed(path: str, digest: str) -> str | None:
    """Write the gzip variant into this process's cache folder; ``None`` when it gains less than a tenth."""
    if Path(path).suffix.lower() not in _COMPRESSED:
        return None
    content = Path(path).read_bytes()
    small = gzip.compress(content, 9, mtime=0)
    if len(small) > len(content) * 0.9:
        return None
    target = _cache_folder() / f"{digest}.gz"
    target.write_bytes(small)
    return str(target)


@lru_cache(maxsize=1)
def _cache_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gigneo-static-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
