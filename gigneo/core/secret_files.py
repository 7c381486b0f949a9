"""Secrets that this deployment makes for itself, once, and keeps beside its data with mode 600."""

import os
import secrets
from pathlib import Path

KEY_FILE = "secret_key"
SALT_FILE = "password_salt"


def secret_key(home: Path) -> str:
    """Return the key that signs cookies and links; made at the first call.

    Args:
        home: the home folder; made when absent, for its owner only.
    """
    return _kept(home / KEY_FILE)


def password_salt(home: Path) -> str:
    """Return what passwords are mixed with before they are hashed; made at the first call. Losing it loses every password."""
    return _kept(home / SALT_FILE)


def _kept(path: Path) -> str:
    """Read a secret, or make it so that two processes that start at once agree on one.

    A whole file is linked into place: who comes second finds the first one's, never half of it.
    """
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii").strip()
