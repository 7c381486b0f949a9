"""A large marketplace: the demo's orders are the patterns, and whole orders are copied inside the database.

Orders that are over are spread over three years, each some whole days before its pattern; those that are open or clearing
stay at their dates. So what the use cases made of money, time and history is what the copies have, too.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Final, Generic, TypeVar

from gigneo.api import Copies, Copy, add_people, clock_at, currency, learn_sizes, read, write
from gigneo.plugins.demo import catalogue, variety
from gigneo.plugins.demo.acting import Scene, job_number
from gigneo.plugins.demo.people import DOMAIN, PASSWORD
from gigneo.plugins.demo.vacancies import JOBS
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services import api as services
from gigneo.plugins.wallet import api as wallet

HISTORY: Final = timedelta(days=3 * 365)
UNDER_WAY: Final = 0.04
"""The share of orders that are open or clearing."""
CHUNKS: Final = 50
"""In how many transactions a large marketplace is copied: with few, each page of the indexes is written a few times only."""
LEAST: Final = 2_500
MOST: Final = 20_000
"""How many orders one transaction copies."""
VARIED: Final = 4
"""Among how many patterns it is drawn at least, on the last days before the present."""
LARGEST: Final = f"largest@{DOMAIN}"
LARGEST_NAME: Final = "Lotte Overmars"
LARGEST_SHARE: Final = 100
"""Each so many orders, one is of the largest employer."""
STORY_WEIGHTS: Final = {"cleared": 6, "revised": 4, "by_time": 4, "agreed": 1, "cancelled": 1, "dropped": 1}
"""How often orders that are over had which story; 1 for what is not here."""
Report = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pattern:
    """An order of the demo that is copied.

    Attributes:
        id: the key.
        employer_id: who bought it.
        freelancer_id: who made it.
        service: the key of its service; ``None`` for a job.
        work: what is made.
        placed: on which day.
        over: whether it is finished, and its money has arrived.
        weight: how often it is copied.
        paid_minor: what its employer paid.
    """

    id: int
    employer_id: int
    freelancer_id: int
    service: str | None
    work: str
    placed: date
    over: bool
    weight: int
    paid_minor: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that is sold again and again.

    Attributes:
        id: the key.
        title: of the service.
        freelancer_id: who offers it.
    """

    id: int
    title: str
    freelancer_id: int


class Drawing(Generic[T]):
    """Draws from a list whose first ones come up most: a few have many orders, and many have a few.

    Args:
        items: at least one.
        head: how much the first ones differ from the others; the more, the less.
    """

    def __init__(self, items: Sequence[T], head: int = 20) -> None:
        self.items = items
        self._weights = list(accumulate((rank + head) ** -0.8 for rank in range(len(items))))

    def draw(self, rng: Random) -> T:
        """Draw one."""
        return self.items[bisect_left(self._weights, rng.random() * self._weights[-1])]


@dataclass(frozen=True, slots=True)
class Market:
    """Whom and what copies are made of.

    Attributes:
        patterns: the demo's orders.
        largest: the id of the largest employer.
        employers: their ids.
        freelancers: their ids.
        offers: key of a demo service → the services like it.
        taken: numbers that something has.
    """

    patterns: Sequence[Pattern]
    largest: int
    employers: Drawing[int]
    freelancers: Drawing[int]
    offers: dict[str, Drawing[Offer]]
    taken: frozenset[int]


def fill(seed: int, count: int, today: datetime, scenes: Sequence[tuple[str, str, Scene]], report: Report) -> None:
    """Copy the demo's orders until there are so many.

    Args:
        seed: the same one gives the same marketplace.
        count: how many orders are made.
        today: the end of the history.
        scenes: key of the service, story and scene of each of the demo's orders.
        report: told about the progress.
    """
    rng = Random(f"{seed} large")  # noqa: S311 - a demo is to be the same each time
    with clock_at(today - HISTORY - timedelta(days=60)):
        market = _open(rng, count, scenes, report)
        _fund(seed, count, today, market)
    copies, done, size = plan(seed, count, today, market), 0, min(max(count // CHUNKS, LEAST), MOST)
    report("Copies", 0, count)
    while chunk := list(islice(copies, size)):
        with write() as session:
            _copy(Copies(session, chunk))
        done += len(chunk)
        report("Copies", done, count)
    freelancers = sorted(market.freelancers.items)
    with write() as session:
        orders.count_records(session, freelancers)
        learn_sizes(session)


def _copy(copies: Copies) -> None:
    orders.copy_orders(copies)
    wallet.copy_money(copies)
    messages.copy_messages(copies)
    services.copy_purchases(copies)
    jobs.copy_jobs(copies)
    copies.close()


def plan(seed: int, count: int, today: datetime, market: Market) -> Iterator[Copy]:
    """Say what is copied, oldest first; the same each time.

    Args:
        seed: of the marketplace.
        count: how many copies.
        today: the end of the history.
        market: whom and what they are made of.
    """
    rng = Random(f"{seed} plan")  # noqa: S311
    numbers = _numbers(rng, count, market.taken)
    under_way = [pattern for pattern in market.patterns if not pattern.over]
    over = sorted((pattern for pattern in market.patterns if pattern.over), key=lambda pattern: pattern.placed)
    history = count - int(count * UNDER_WAY)
    newest = over[-VARIED].placed
    oldest = (today - HISTORY).date()
    day, possible, weights = None, over, [0]
    for place in range(1, count + 1):
        if place <= history:
            happened = oldest + (newest - oldest) * (place / history)
            if happened != day:
                day = happened
                possible = [pattern for pattern in over if pattern.placed >= day]
                weights = list(accumulate(pattern.weight for pattern in possible))
            pattern = possible[bisect_left(weights, rng.random() * weights[-1])]
            days = (pattern.placed - happened).days
        else:
            pattern, days = under_way[rng.randrange(len(under_way))], 0
        yield _copy_of(rng, pattern, place, numbers[place - 1], days, market)


def _copy_of(rng: Random, pattern: Pattern, place: int, number: int, days: int, market: Market) -> Copy:
    employer_id = market.employers.draw(rng) if place % LARGEST_SHARE else market.largest
    if pattern.service is None:
        source_id, title, freelancer_id = None, variety.title(rng, pattern.work), market.freelancers.draw(rng)
    else:
        offer = market.offers[pattern.service].draw(rng)
        source_id, title, freelancer_id = offer.id, offer.title, offer.freelancer_id
    return Copy(
        place, pattern.id, str(number), title, orders.words_of(title, employer_id, freelancer_id), source_id, employer_id,
        freelancer_id, pattern.employer_id, pattern.freelancer_id, days,
    )  # fmt: skip


def _numbers(rng: Random, count: int, taken: frozenset[int]) -> list[int]:
    """Draw public numbers of the usual shape: seven digits, and more when those would be nearly all taken."""
    digits = 7
    while 9 * 10 ** (digits - 1) < 2 * count:
        digits += 1
    drawn = rng.sample(range(10 ** (digits - 1), 10**digits), count + len(taken))
    return [number for number in drawn if number not in taken][:count]


def _open(rng: Random, count: int, scenes: Sequence[tuple[str, str, Scene]], report: Report) -> Market:
    """Let people register, and freelancers offer services like those of the demo."""
    buyers, sellers = max(12, int(4 * count**0.5)), max(12, int(1.5 * count**0.5))
    report("People", 0, buyers + sellers + 1)
    everybody = [(LARGEST, LARGEST_NAME, ("employer",))]
    everybody += [(f"employer{number}@{DOMAIN}", variety.name(rng), ("employer",)) for number in range(1, buyers + 1)]
    everybody += [(f"freelancer{number}@{DOMAIN}", variety.name(rng), ("freelancer",)) for number in range(1, sellers + 1)]
    ids = add_people(everybody, PASSWORD)
    largest, employers, freelancers = ids[0], ids[1 : buyers + 1], ids[buyers + 1 :]
    report("People", buyers + sellers + 1, buyers + sellers + 1)
    taken = {int(scene.number) for _, _, scene in scenes} | {int(job_number(job)) for job in JOBS}
    return Market(
        [_pattern(*each) for each in scenes],
        largest,
        Drawing(employers),
        Drawing(freelancers),
        {key: Drawing(found) for key, found in _offers(rng, freelancers, report).items()},
        frozenset(taken),
    )


def _offers(rng: Random, freelancers: Sequence[int], report: Report) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {service.key: [] for service in catalogue.SERVICES}
    for first in range(0, len(freelancers), 100):
        with write() as session:
            shelves = [services.add_category(session, *shelf, place) for place, shelf in enumerate(catalogue.CATEGORIES)]
            for rank, freelancer_id in enumerate(freelancers[first : first + 100], first):
                for step in range(3):
                    like = catalogue.SERVICES[(rank + 5 * step) % len(catalogue.SERVICES)]
                    title = variety.title(rng, like.work)
                    draft = services.ServiceDraft(title, like.draft.summary, like.draft.description, like.draft.packages)
                    slug = services.publish(session, freelancer_id, shelves[like.category], draft)
                    made = services.details(session, slug)
                    assert made is not None
                    found[like.key].append(Offer(made.card.id, title, freelancer_id))
        report("Services", first, len(freelancers))
    report("Services", len(freelancers), len(freelancers))
    return found


def _pattern(service: str, story: str, scene: Scene) -> Pattern:
    facts, purse = orders.facts(read(), scene.number), None
    purse = wallet.purse_of(read(), facts.id)
    over = facts.state in {"completed", "cancelled"} and (purse is None or purse.escrow_minor == purse.clearing_minor == 0)
    return Pattern(
        id=facts.id,
        employer_id=facts.employer_id,
        freelancer_id=facts.freelancer_id,
        service=None if scene.job is not None else service,
        work=scene.names["work"],
        placed=facts.placed_at.date(),
        over=over,
        weight=STORY_WEIGHTS.get(story, 1),
        paid_minor=facts.total_minor if facts.started_at is not None else 0,
    )


def _fund(seed: int, count: int, today: datetime, market: Market) -> None:
    """Give each employer what all of their orders cost, before the first of them."""
    paid = {pattern.id: pattern.paid_minor for pattern in market.patterns}
    needed: Counter[int] = Counter()
    people: set[int] = set()
    for copy in plan(seed, count, today, market):
        needed[copy.employer_id] += paid[copy.pattern]
        people |= {copy.employer_id, copy.freelancer_id}
    with write() as session:
        for employer_id, amount_minor in sorted(needed.items()):
            if amount_minor:
                wallet.fund(session, employer_id, amount_minor, "demo")
        wallet.open_wallets(session, people, currency())
