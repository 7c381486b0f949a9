"""The same walk over HTTP, each step at another of three web processes on PostgreSQL, and a module that comes and goes."""

import itertools
import re
import time
from collections.abc import Iterator

import pytest

from gigneo.testing.http import Answer, Person
from gigneo.testing.servers import Server
from tests.demos import DemoOnPostgres
from tests.e2e.test_walk import PDF, minor
from tests.load.sites import audit_is_clean, three_processes

PASSWORD = "demo-demo-demo"
AGREE_SECONDS = 2.0


@pytest.fixture(scope="module")
def servers(demo_on_postgres: DemoOnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    with three_processes(tmp_path_factory.mktemp("three"), demo_on_postgres) as running:
        yield running


class Wanderer:
    """Somebody whose every request goes to the next process.

    Args:
        servers: the processes.
        email: of a demo account.
    """

    def __init__(self, servers: list[Server], email: str) -> None:
        first = Person(servers[0].port).log_in(email, PASSWORD)
        self._people = [first.at(server.port) for server in servers]
        self._turns = itertools.cycle(self._people)

    @property
    def next(self) -> Person:
        """The person at the next process."""
        return next(self._turns)

    def close(self) -> None:
        for person in self._people:
            person.close()


def moved(answer: Answer) -> str:
    """Return where a form that was accepted leads."""
    assert answer.status == 303, f"{answer.status}\n{answer.text[:3000]}"
    return answer.location


def test_an_order_from_purchase_to_payout_over_three_processes(servers: list[Server]) -> None:
    employer, freelancer = Wanderer(servers, "employer@demo.example"), Wanderer(servers, "freelancer@demo.example")
    moved(employer.next.post("/wallet/top-up", {"amount": "1500.00"}, page="/wallet/top-up"))
    offer = find_offer(employer, freelancer)
    number = re.search(r"/orders/(\d+)", moved(employer.next.post(offer, {}, page=offer)))
    assert number
    order = f"/orders/{number[1]}"
    assert order in freelancer.next.get("/dashboard/orders/services").text
    assert "Deliver now" in freelancer.next.get(f"{order}/overview").text
    moved(
        freelancer.next.send_file(
            f"{order}/deliver",
            {"type": "final", "description": "All of it."},
            "files",
            "final-work.pdf",
            PDF,
            page=f"{order}/deliver",
        )
    )
    page = employer.next.get(f"{order}/overview").text
    link = re.search(r'href="(/files/\d+)"', page)
    assert link, page
    assert employer.next.get(link[1]).content == PDF
    approve = re.search(rf'href="({order}/[^"]*approve[^"]*)"', page)
    assert approve, page
    person = employer.next
    form = re.search(r'<form[^>]*action="([^"]*approve[^"]*)"', person.get(approve[1]).text)
    assert form
    moved(person.post(form[1], {}))
    assert "Completed" in employer.next.get(f"{order}/overview").text
    told = freelancer.next.get(f"{order}/payments").text
    words = re.sub(r"<[^>]+>", " ", told)
    payout = minor(words, "Order amount") - minor(words, "Platform commission")
    assert f"€{payout / 100:,.2f}" in freelancer.next.get("/wallet").text
    employer.close()
    freelancer.close()
    audit_is_clean(servers[0])


def test_a_module_comes_and_goes_in_every_process(servers: list[Server]) -> None:
    employer, administrator = Wanderer(servers, "employer@demo.example"), Wanderer(servers, "admin@demo.example")
    pages = dict.fromkeys(re.findall(r"/orders/\d+", employer.next.get("/dashboard/orders/services").text))
    order = next(page for page in pages if "Open Dispute" in employer.next.get(f"{page}/overview").text)
    for what, there in (("disable", False), ("enable", True)):
        url = f"/admin/modules/disputes/{what}"
        moved(administrator.next.post(url, {}, page=url))
        deadline = time.monotonic() + AGREE_SECONDS
        seen = []
        while time.monotonic() < deadline:
            seen = ["Open Dispute" in employer.next.get(f"{order}/overview").text for _ in servers]
            if seen == [there] * len(servers):
                break
        assert seen == [there] * len(servers)
    employer.close()
    administrator.close()


def find_offer(employer: Wanderer, freelancer: Wanderer) -> str:
    """Return the checkout of the Standard package of a service that the demo's freelancer lists as theirs."""
    own = re.search(r'href="(/services/[^"?]+)"', freelancer.next.get("/dashboard/services").text)
    assert own
    page = employer.next.get(own[1]).text
    found = re.search(r'href="([^"]*checkout[^"]*)"[^>]*>Choose <bdi>Standard</bdi>', page)
    assert found, page
    return found[1]
