"""Flask-Security's way into the database: it reads on autocommit, and writes in one short transaction at ``commit()``.

Hashing a password takes tens of milliseconds on purpose. On the request's own session it would run inside SQLite's
write lock, or lose against another writer; here no transaction is open while anything is hashed.
"""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any, cast

from flask_security import FSQLALiteUserDatastore
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Engine, inspect
from sqlalchemy.orm.attributes import History
from sqlmodel import Session, col, select

from gigneo.core.accounts.models import Role, User
from gigneo.core.db.engines import Engines

AtCommit = Callable[[Session], None]


class AccountMoved(RuntimeError):
    """The account was changed by somebody else between reading and writing, as when one reset link is used twice."""


class AuthSession(Session):
    """A session that reads through the autocommit engine, and goes to the writing engine only inside ``commit()``.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines, **options: Any) -> None:
        super().__init__(**{**options, "autoflush": False, "expire_on_commit": False})
        self._engines = engines
        self._writing = False
        self._at_commit: list[AtCommit] = []

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:
        """Choose the engine: what is read before the commit holds no transaction open."""
        return self._engines.write if self._writing else self._engines.auth

    def at_commit(self, work: AtCommit) -> None:
        """Do something inside the writing transaction, after what Flask-Security changed."""
        self._at_commit.append(work)

    @property
    def has_changes(self) -> bool:
        """Whether a commit would write."""
        return bool(self._at_commit or self.new or self.deleted or any(self.is_modified(row) for row in self.dirty))

    def write_all(self) -> bool:
        """Write everything that is pending, in one transaction, under the writer lock on SQLite.

        Returns:
            Whether there was anything to write.

        Raises:
            AccountMoved: a changed account is no longer what was read.
            IntegrityError: another request took a unique value, such as the e-mail address, first.
        """
        if not self.has_changes:
            return False
        self._release_reader()
        lock = self._engines.writer_lock
        with nullcontext() if lock is None else lock.held():
            self._writing = True
            try:
                self._check_unmoved()
                self.flush()
                for work in self._at_commit:
                    work(self)
                super().commit()
            except BaseException:
                self.rollback()
                raise
            finally:
                self._writing = False
                self._at_commit.clear()
        return True

    def forget(self) -> None:
        """Drop everything that is pending, and every row that was read."""
        self._at_commit.clear()
        self.rollback()
        self.expunge_all()

    def _release_reader(self) -> None:
        """Give the reading connection back before a writing one is asked for.

        On PostgreSQL both come from one pool, and requests that hold one while they wait for the other wait for ever.
        """
        rows = [*self.new, *self.identity_map.values()]
        self.expunge_all()
        self.rollback()
        self.add_all(rows)

    def _check_unmoved(self) -> None:
        """Lock each changed account, and compare it with what the decision was taken on."""
        for row in list(self.dirty):
            if not isinstance(row, User) or not self.is_modified(row):
                continue
            history: History = inspect(row).attrs.fs_uniquifier.history
            was = history.deleted[0] if history.deleted else row.fs_uniquifier
            now = self.exec(select(User.fs_uniquifier).where(col(User.id) == row.id).with_for_update()).first()
            if now != was:
                raise AccountMoved(f"Account {row.id} was changed meanwhile.")


class Datastore(FSQLALiteUserDatastore):
    """Flask-Security's datastore over :class:`AuthSession`.

    Args:
        db: Flask-SQLAlchemy-Lite, for one session per request.
        now: the Runtime's clock.
    """

    def __init__(self, db: SQLAlchemy, now: Callable[[], datetime]) -> None:
        super().__init__(db, User, Role)
        self.now = now

    @property
    def session(self) -> AuthSession:
        """The session of this request."""
        session: AuthSession = self.db.session
        return session

    def commit(self) -> None:
        """Write what is pending, in one transaction."""
        self.session.write_all()

    def create_user(self, **values: Any) -> User:
        """Make an account; it is written at the commit."""
        return cast(User, super().create_user(created_at=self.now(), **values))


def auth_database(engines: Engines) -> SQLAlchemy:
    """Return a Flask-SQLAlchemy-Lite that opens :class:`AuthSession` objects; it is given no engine of its own."""
    return SQLAlchemy(require_default_engine=False, session_options={"class_": AuthSession, "engines": engines})
