"""Switches a module off and on in running servers under load, and judges every single answer."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from gigneo.testing.http import Answer, Person

AGREE_SECONDS = 2.0
BUTTON = "Open Dispute"


@dataclass
class Report:
    """What happened.

    Attributes:
        answers: how many requests were answered.
        by_status: how many with which status.
        failed: requests without an answer, or with an error of the server.
        inconsistent: answers that fit no single revision.
        late: answers of an old revision that began more than two seconds after a toggle.
        slowest_agreement_seconds: the longest time until every process showed the new revision.
        toggles: how many were done.
    """

    answers: int = 0
    by_status: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    inconsistent: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    slowest_agreement_seconds: float = 0.0
    toggles: int = 0


class Toggling:
    """A site under load whose Disputes module comes and goes.

    Args:
        ports: the web processes, one port each.
        number: an open order on whose page the module has a button.
        clients: how many people look at it at once.
    """

    def __init__(self, ports: list[int], number: str, clients: int = 6) -> None:
        self.ports, self.number, self.clients = ports, number, clients
        self.report = Report()
        self._answers: list[tuple[int, Answer]] = []
        self._with_button: dict[int, bool] = {}
        self._toggled_at: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, toggles: int, at_least_requests: int, pause_seconds: float = 1.0) -> Report:
        """Toggle, wait until every process agrees, and go on until enough was asked.

        Args:
            toggles: how often the module is switched.
            at_least_requests: how many answers there must be in the end.
            pause_seconds: between two toggles.
        """
        administrator = Person(self.ports[0]).log_in("admin@demo.example", "demo-demo-demo")
        first = administrator.get("/admin/modules")
        self._with_button[first.revision] = True
        looker = Person(self.ports[0]).log_in("employer@demo.example", "demo-demo-demo")
        threads = [
            threading.Thread(target=self._look, args=(looker.at(self.ports[index % len(self.ports)]), index))
            for index in range(self.clients)
        ]
        for thread in threads:
            thread.start()
        try:
            for turn in range(toggles):
                self._toggle(administrator, enable=bool(turn % 2))
                time.sleep(pause_seconds)
            while len(self._answers) < at_least_requests and not self.report.failed:
                time.sleep(0.2)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=60)
            administrator.close()
            looker.close()
        self._judge()
        return self.report

    def _toggle(self, administrator: Person, *, enable: bool) -> None:
        what = "enable" if enable else "disable"
        answer = administrator.post(f"/admin/modules/disputes/{what}", {}, page=f"/admin/modules/disputes/{what}")
        assert answer.status == 303, f"{what}: {answer.status} {answer.text[:800]}"
        toggled_at = time.monotonic()
        revision = administrator.get("/readyz").revision
        self._with_button[revision] = enable
        self._toggled_at.append((toggled_at, revision))
        waiting = set(self.ports)
        while waiting and time.monotonic() - toggled_at < 10:
            waiting = {port for port in waiting if _revision_at(port) < revision}
            time.sleep(0.02)
        agreed = time.monotonic() - toggled_at
        self.report.slowest_agreement_seconds = max(self.report.slowest_agreement_seconds, agreed)
        self.report.toggles += 1

    def _look(self, person: Person, index: int) -> None:
        """Ask for the order's page, and now and then write a message, until told to stop; then hang up."""
        page = f"/orders/{self.number}/overview"
        messages = f"/orders/{self.number}/messages"
        turn = 0
        while not self._stop.is_set():
            turn += 1
            try:
                if index == 0 and turn % 25 == 0:
                    answer = person.post(messages, {"body": f"Message {turn}"}, page=messages)
                else:
                    answer = person.get(page)
            except Exception as error:
                with self._lock:
                    self.report.failed.append(repr(error))
                continue
            with self._lock:
                self._answers.append((person.port, answer))
        person.close()

    def _judge(self) -> None:
        report = self.report
        report.answers = len(self._answers)
        for port, answer in self._answers:
            report.by_status[answer.status] += 1
            if answer.status >= 500 or answer.status in {400, 404, 409}:
                report.failed.append(f"{answer.status} {answer.text[:200]}")
            if answer.status == 200 and "/overview" in answer.text:
                wanted = self._with_button.get(answer.revision)
                if wanted is None or wanted != (BUTTON in answer.text):
                    report.inconsistent.append(f"revision {answer.revision} wants {wanted} at {port}")
            for toggled_at, revision in self._toggled_at:
                if answer.started_at > toggled_at + AGREE_SECONDS and answer.revision < revision:
                    report.late.append(f"revision {answer.revision} at {port}, {answer.started_at - toggled_at:.2f} s late")
                    break


def _revision_at(port: int) -> int:
    person = Person(port)
    try:
        return person.get("/healthz").revision
    finally:
        person.close()
