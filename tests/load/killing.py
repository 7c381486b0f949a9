"""Kills a server with SIGKILL while people wait for answers, starts it again, and asks what became of what was promised."""

import random
import threading
import time
from dataclasses import dataclass, field

from gigneo.testing.http import Person
from gigneo.testing.servers import Server

OUTSTANDING = 20
CLIENTS = 26


@dataclass
class Report:
    """What happened.

    Attributes:
        kills: how often the server was killed.
        outstanding: requests without an answer at each kill.
        acknowledged: form keys of top-ups that were answered as done.
        attempted: form keys that were sent, whatever came of them.
        retried: form keys that were sent again after a kill.
        unexpected: answers that are neither done nor a broken connection.
    """

    kills: int = 0
    outstanding: list[int] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    attempted: set[str] = field(default_factory=set)
    retried: set[str] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)


class Killing:
    """A server that dies again and again while its people put money into their wallets.

    Args:
        server: serves the demo marketplace; started here.
        seed: for the moments of the kills.
    """

    def __init__(self, server: Server, seed: int = 1) -> None:
        self.server, self.report = server, Report()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._waiting = 0
        self._round_over = threading.Event()

    def run(self, kills: int) -> Report:
        """Kill the server ``kills`` times, each time with at least 20 requests outstanding."""
        self.server.start()
        for _ in range(kills):
            self._one_round()
        return self.report

    def _one_round(self) -> None:
        self._round_over.clear()
        person = Person(self.server.port).log_in("employer@demo.example", "demo-demo-demo")
        threads = [threading.Thread(target=self._top_up, args=(person.at(self.server.port),)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        earliest = time.monotonic() + self._random.uniform(0.5, 2.5)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self._lock:
                if time.monotonic() > earliest and self._waiting >= OUTSTANDING:
                    self.report.outstanding.append(self._waiting)
                    self._round_over.set()
                    self.server.kill()
                    break
            time.sleep(0.002)
        else:
            self._round_over.set()
            raise AssertionError(f"never {OUTSTANDING} requests outstanding:\n{self.server.log[-2000:]}")
        for thread in threads:
            thread.join(timeout=60)
        person.close()
        self.report.kills += 1
        self.server.start()
        self._retry_what_was_cut_off()

    def _top_up(self, person: Person) -> None:
        """Put money into the wallet with a fresh form each time, until the server is gone."""
        while not self._round_over.is_set():
            try:
                person.get("/wallet/top-up")
                self._send(person, person.fields["form_key"])
            except Exception:
                time.sleep(0.01)
        person.close()

    def _send(self, person: Person, key: str) -> None:
        with self._lock:
            self._waiting += 1
            self.report.attempted.add(key)
        try:
            answer = person.post("/wallet/top-up", {"amount": "10.00", "form_key": key})
        finally:
            with self._lock:
                self._waiting -= 1
        with self._lock:
            if answer.status == 303:
                self.report.acknowledged.add(key)
            elif answer.status != 429:
                self.report.unexpected.append(f"{answer.status} {answer.text[:300]}")

    def _retry_what_was_cut_off(self) -> None:
        """Do what a person does: send the same form again. It must have one effect, whichever side of the kill it was."""
        person = Person(self.server.port).log_in("employer@demo.example", "demo-demo-demo")
        person.get("/wallet/top-up")
        with self._lock:
            unanswered = sorted(self.report.attempted - self.report.acknowledged - self.report.retried)[:5]
        for key in unanswered:
            self.report.retried.add(key)
            self._send(person, key)
        person.close()
