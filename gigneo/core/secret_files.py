"""Secrets that this deployment makes for itself, once, and keeps beside its data with mode 600."""

import os
import secrets
from pathlib import Path
from typing import Final

from gigneo.core.refusals import Refused

KEY_FILE: Final = "secret_key"
SALT_FILE: Final = "password_salt"


def secret_key(home: Path) -> str:
    """Return the key that signs cookies and links; made at the first call.

    Args:
        home: the home folder; made when absent, for its owner only.
    """
    return _kept(home / KEY_FILE)


def password_salt(home: Path) -> str:
    """Return what passwords are mixed with before they are hashed; made at the first call. Losing it loses every password."""
    return _kept(home / SALT_FILE)


def keep_secret(path: Path, secret: str) -> None:
    """Keep a secret that was made elsewhere, as a restore does.

    Raises:
        Refused: another one is there.
    """
    _made(path, secret)
    if path.read_text("ascii").strip() != secret:
        raise Refused(f"{path} is another than that of the archive. Move it away, and restore again.", "other_secret")


def _kept(path: Path) -> str:
    """Read a secret, or make it so that two processes that start at once agree on one.

    A whole file is linked into place: who comes second finds the first one's, never half of it.
    """
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _made(path, secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()


def _made(path: Path, secret: str) -> None:
    """Write a secret, if there is none yet, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
