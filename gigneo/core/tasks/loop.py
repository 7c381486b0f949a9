"""The loop that runs what is due: a few threads, on any number of machines at once.

A transactional handler and the mark that its task is done are one transaction, so its effects happen exactly once. Any
other handler runs under a lease that is kept up while it works; it may run again after a crash, and gets the task's key
to hand on.
"""

import random
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlmodel import Session

from gigneo.contributions import TaskHandler
from gigneo.core.crash import crash_point
from gigneo.core.db.uow import SiteMoved, reading, writing
from gigneo.core.tasks import store
from gigneo.core.tasks.handlers import Work, work_of
from gigneo.core.tasks.store import Claim
from gigneo.core.typed_json import decode

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

log = structlog.get_logger("gigneo.tasks")

SITE_ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0
PAUSE_AFTER_ERROR_SECONDS = 5.0
ERROR_LENGTH = 4000


class TaskGone(Exception):
    """The task was taken back, or another process has it by now; what the handler did is rolled back."""


class TaskLoop:
    """Runs due tasks, in threads of its own or in the caller's.

    Args:
        runtime: the process's ground: engines, clock, the present site, and the settings of tasks.
    """

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._settings = runtime.config.tasks
        self._lease = timedelta(seconds=self._settings.lease_seconds)
        self._work: Work | None = None
        self._running: dict[int, Claim] = {}
        self._guard = threading.Lock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._prolong_at: datetime | None = None
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin to run tasks in threads."""
        self._pool = ThreadPoolExecutor(self._settings.threads, thread_name_prefix="gigneo-task")
        self._thread = threading.Thread(target=self._turn, name="gigneo-tasks", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float = 30.0) -> None:
        """Claim nothing more, and wait for what runs. What doesn't end in time is run again once its lease is over."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    def wake(self) -> None:
        """Look now rather than at the next poll: something was written in this process."""
        self._woken.set()

    def run_due(self, limit: int = 10_000) -> int:
        """Run what is due by the Runtime's clock in this thread, and what becomes due by that, too.

        Args:
            limit: at most so many.

        Returns:
            How many tasks were run, failed ones included.
        """
        count = 0
        while count < limit and (claims := self._claim(1)):
            self._run(claims[0])
            count += 1
        return count

    # --------------------------------------------------------------------------------------------------------- in threads

    def _turn(self) -> None:
        while not self._stopping.is_set() or self._running:
            self._woken.clear()
            pause = self._settings.poll_seconds
            try:
                self._keep_leases()
                if not self._stopping.is_set() and self._start_due():
                    continue
            except Exception:
                log.exception("the task loop can't reach the database")
                pause = max(pause, PAUSE_AFTER_ERROR_SECONDS)
            self._woken.wait(pause)

    def _start_due(self) -> bool:
        assert self._pool is not None
        free = self._settings.threads - len(self._running)
        claims = self._claim(free) if free > 0 else []
        for task in claims:
            with self._guard:
                self._running[task.id] = task
            self._pool.submit(self._run_in_pool, task)
        return bool(claims)

    def _run_in_pool(self, task: Claim) -> None:
        try:
            self._run(task)
        except BaseException:
            log.exception("a task's end could not be written; it is run again after its lease", task=task.key)
        finally:
            with self._guard:
                self._running.pop(task.id, None)
            self._woken.set()

    def _keep_leases(self) -> None:
        now = self._runtime.clock.now()
        with self._guard:
            running = list(self._running.values())
        if not running or (self._prolong_at is not None and now < self._prolong_at):
            return
        with writing(self._runtime.engines, revision=None) as session:
            store.prolong(session, running, now + self._lease)
        self._prolong_at = now + self._lease / 3

    # --------------------------------------------------------------------------------------------------------------- tasks

    def _claim(self, limit: int) -> list[Claim]:
        work = self._work_on(self._runtime.site)
        now = self._runtime.clock.now()
        with reading(self._runtime.engines) as session:
            if not store.something_is_due(session, now, work.plugins, work.kinds):
                return []
        with writing(self._runtime.engines, revision=None) as session:
            claims = store.claim(session, now, self._lease, work.plugins, work.kinds, limit)
        if claims:
            crash_point("task-claimed")
        return claims

    def _work_on(self, site: "Site") -> Work:
        """Return what a site can run; on a new site, arm what comes back there. Threads may be on different sites."""
        work = self._work
        if work is None or work.site is not site:
            work = work_of(site)
            self._arm(work)
            self._work = work
        return work

    def _arm(self, work: Work) -> None:
        with reading(self._runtime.engines) as session:
            missing = store.not_armed(session, {_periodic_key(kind): kind for kind in work.periodic})
        if not missing:
            return
        now = self._runtime.clock.now()
        with writing(self._runtime.engines, revision=None) as session:
            for key, kind in missing.items():
                store.arm(session, kind, key, now + work.periodic[kind], kind.partition(".")[0])

    def _run(self, task: Claim) -> None:
        """Run a claimed task on the present site, or on the next one when the modules change meanwhile."""
        for _ in range(SITE_ATTEMPTS):
            site = self._runtime.site
            work = self._work_on(site)
            handler = work.handlers.get(task.kind)
            if handler is None or task.plugin not in work.plugins:
                break
            if task.attempts > handler.attempts:
                self._failed(work, handler, task, "The process ended during each attempt.")
                return
            try:
                with site.app.app_context():
                    self._attempt(site, work, handler, task)
            except SiteMoved:
                self._runtime.rebuild()
                continue
            except TaskGone:
                log.info("task was taken back while it ran", task=task.key, plugin=task.plugin)
            except (Exception, SystemExit) as error:
                log.exception("task failed", task=task.key, kind=task.kind, plugin=task.plugin, attempt=task.attempts)
                self._failed(work, handler, task, _told(error))
            return
        with writing(self._runtime.engines, revision=None) as session:
            store.release(session, task)

    def _attempt(self, site: "Site", work: Work, handler: TaskHandler, task: Claim) -> None:
        payload = decode(task.payload)
        if not handler.transactional:
            handler.run(payload, task.key)
            crash_point("task-before-done")
            with writing(self._runtime.engines, revision=None) as session:
                self._finish(session, work, task)
            return
        with writing(self._runtime.engines, revision=site.revision) as session:
            if not store.is_mine(session, task):
                raise TaskGone
            handler.run(payload, session)
            session.flush()
            crash_point("task-before-done")
            self._finish(session, work, task)

    def _finish(self, session: Session, work: Work, task: Claim) -> None:
        now = self._runtime.clock.now()
        if not store.finish(session, task, now, self._next_time(work, task, now)):
            raise TaskGone

    def _failed(self, work: Work, handler: TaskHandler, task: Claim, error: str) -> None:
        now = self._runtime.clock.now()
        spent = task.attempts >= handler.attempts
        again_at = self._next_time(work, task, now) if spent else now + _pause(task.attempts)
        if again_at is None:
            log.error("task is dead", task=task.key, kind=task.kind, plugin=task.plugin, attempts=task.attempts)
        with writing(self._runtime.engines, revision=None) as session:
            store.fail(session, task, now, error, again_at, anew=spent and again_at is not None)

    def _next_time(self, work: Work, task: Claim, now: datetime) -> datetime | None:
        comes_back = task.key == _periodic_key(task.kind) and task.kind in work.periodic
        return now + work.periodic[task.kind] if comes_back else None


def _periodic_key(kind: str) -> str:
    return f"periodic:{kind}"


def _pause(attempts: int) -> timedelta:
    """The time before the next attempt: doubled each time, and spread so that what failed together doesn't return so."""
    seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - it spreads, it keeps no secret


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-ERROR_LENGTH:]
