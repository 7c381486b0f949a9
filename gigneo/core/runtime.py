"""What lives as long as the process: settings, engines, storage, clock, limits. A site is rebuilt beside it, cheaply."""

import threading
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from limits.storage import MemoryStorage
from sqlmodel import Session

from gigneo.core.clock import Clock, MovableClock
from gigneo.core.config import Config
from gigneo.core.db.engines import Engines, open_engines
from gigneo.core.db.uow import reading, writing
from gigneo.core.files.storage import Storage, open_storage
from gigneo.core.sending import Places

if TYPE_CHECKING:
    from gigneo.core.dispatch import Dispatcher
    from gigneo.core.site import Site
    from gigneo.core.tasks.loop import TaskLoop


class Runtime:
    """One process's ground.

    Args:
        config: the facts of the deployment.
        clock: what tells the time; the machine's by default, movable for demo data.
    """

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self.config = config
        self.home: Path = config.home
        self.clock: Clock = clock or MovableClock()
        self.engines: Engines = open_engines(
            config.database.url, config.home / "writer.lock", pool_size=config.web.threads + config.tasks.threads + 2
        )
        self.storage: Storage = open_storage(config.storage)
        self.limits_storage = MemoryStorage()
        self.places = Places(config.web.transfers)
        self.faults: Counter[tuple[str, str]] = Counter()
        self.dispatcher: Dispatcher | None = None
        self.loop: TaskLoop | None = None
        self._site: Site | None = None
        self._building = threading.RLock()

    @property
    def site(self) -> "Site":
        """The present site; built on first use."""
        if self.dispatcher is not None:
            return self.dispatcher.site
        if self._site is None:
            with self._building:  # threads that ask at once wait for one build
                if self._site is None:
                    self.rebuild()
        assert self._site is not None
        return self._site

    def rebuild(self) -> "Site":
        """Build the site of the present revision, and make it the present one."""
        from gigneo.core.site import build_site

        if self.dispatcher is not None:
            return self.dispatcher.refresh_now()
        self._site = build_site(self)
        return self._site

    def write(self, *, revision: int | None = None, toggling: bool = False) -> AbstractContextManager[Session]:
        """Open the one writing transaction of an action; see :func:`gigneo.core.db.uow.writing`."""
        return writing(self.engines, revision=revision, toggling=toggling)

    def read(self) -> AbstractContextManager[Session]:
        """Open a read-only session."""
        return reading(self.engines)

    def wake(self) -> None:
        """Tell this process's task loop that there may be something due."""
        if self.loop is not None:
            self.loop.wake()

    def close(self) -> None:
        """Stop the loop and the watcher, and close every connection."""
        if self.loop is not None:
            self.loop.stop()
        if self.dispatcher is not None:
            self.dispatcher.stop()
        self.engines.dispose()
