"""Loads the demo marketplace: everything happens by the use cases, in order of time, under a clock that is moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlmodel import Session, select

from gigneo.api import Refused, add_person, clock_at, mark_demo, newest_site, now, read, run_due_tasks, write
from gigneo.plugins.demo import catalogue, large, people
from gigneo.plugins.demo.acting import ACTIONS, Scene, post, propose_all
from gigneo.plugins.demo.models import Load
from gigneo.plugins.demo.stories import FINISHED, PLANS, steps_of
from gigneo.plugins.demo.vacancies import JOBS
from gigneo.plugins.messages import api as messages
from gigneo.plugins.services import api as services
from gigneo.plugins.wallet import api as wallet

OPENED: Final = timedelta(days=75)
TOP_UP_MINOR: Final = 500_000
Report = Callable[[str, int, int], None]
"""Told how far the loading is: what happens, how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of one order, at its place among all.

    Attributes:
        at: when.
        place: the order's place in the plans, then the step's in its story.
        scene: the order.
        what: the action.
    """

    at: datetime
    place: tuple[int, int]
    scene: Scene
    what: str


def last_load(session: Session) -> Load | None:
    """Return how this site was loaded, or ``None``."""
    return session.exec(select(Load).order_by(Load.id.desc()).limit(1)).first()  # type: ignore[union-attr]


def load(seed: int, report: Report = lambda _what, _done, _of: None, orders: int = len(PLANS)) -> None:
    """Fill an empty site.

    Args:
        seed: the same one gives the same marketplace, at dates relative to the present.
        orders: how many; what goes beyond the demo's own is copied from them.
        report: told about the progress.

    Raises:
        Refused: people are registered, or a use case refuses; the command then says so.
    """
    with write() as session:
        mark_demo(session)
        session.add(Load(seed=seed, began_at=now()))
    with newest_site():
        today = now().replace(minute=0, second=0, microsecond=0)
        scenes = _fill(seed, today, report)
        if orders > len(PLANS):
            told = [(plan.service, plan.story, scene) for plan, scene in zip(PLANS, scenes, strict=True)]
            large.fill(seed, orders - len(PLANS), today, told, report)
        with write() as session:
            done = last_load(session)
            assert done is not None
            done.ended_at = now()
            session.add(done)


def _fill(seed: int, today: datetime, report: Report) -> list[Scene]:
    """Make the demo's own marketplace, and return the scenes of its orders in the order of the plans."""
    rng = Random(seed)  # noqa: S311 - a demo is to be the same each time
    everybody = people.everybody(rng)
    with clock_at(today - OPENED):
        ids = _people(everybody, report)
        _offer(ids)
    moments = _moments(rng, today, everybody, ids)
    _look_for_people(today, ids)
    for done, moment in enumerate(moments):
        report("Orders", done, len(moments))
        with clock_at(moment.at):
            with write() as session:
                ACTIONS[moment.what](moment.scene, session)
            run_due_tasks()
    with write() as session:
        _read_what_is_over(session, moments)
    run_due_tasks()
    report("Orders", len(moments), len(moments))
    return list({moment.place[0]: moment.scene for moment in sorted(moments, key=lambda moment: moment.place)}.values())


def _people(everybody: list[people.DemoPerson], report: Report) -> dict[str, int]:
    ids: dict[str, int] = {}
    for done, person in enumerate(everybody):
        report("People", done, len(everybody))
        ids[person.key] = add_person(person.email, person.name, people.PASSWORD, person.roles)
    with write() as session:
        for person in everybody:
            if "employer" in person.roles:
                wallet.top_up(session, ids[person.key], TOP_UP_MINOR, "demo")
    return ids


def _offer(ids: dict[str, int]) -> None:
    with write() as session:
        shelves = [
            services.add_category(session, name, icon, position) for position, (name, icon) in enumerate(catalogue.CATEGORIES)
        ]
        for service in catalogue.SERVICES:
            services.publish(session, ids[service.freelancer], shelves[service.category], service.draft)


def _look_for_people(today: datetime, ids: dict[str, int]) -> None:
    """Post the jobs that are still open, each with its proposals."""
    ordered = {plan.service for plan in PLANS}
    for days, job in enumerate((job for job in JOBS if job.key not in ordered), 1):
        with clock_at(today - timedelta(days=days, hours=5)), write() as session:
            post(session, job, ids)
        with clock_at(today - timedelta(days=days, hours=-6)), write() as session:
            propose_all(session, job, ids)


def _moments(rng: Random, today: datetime, everybody: list[people.DemoPerson], ids: dict[str, int]) -> list[Moment]:
    """Lay all steps of all stories on one line of time."""
    by_key = {service.key: service for service in catalogue.SERVICES}
    names = {person.key: person.name.split()[0] for person in everybody}
    vacant = {job.key: job for job in JOBS}
    numbers = rng.sample(range(1_000_000, 10_000_000), len(PLANS))
    moments = []
    for index, plan in enumerate(PLANS):
        job = vacant.get(plan.service)
        service = by_key.get(plan.service)
        if job is not None:
            days, package_id, freelancer = job.proposals[0].days, None, job.proposals[0].freelancer
            work, title = job.work, job.title
        else:
            assert service is not None
            offer = _offered(service, plan.package)
            days, package_id, freelancer = offer.days, offer.id, service.freelancer
            work, title = service.work, service.draft.title
        age, steps = steps_of(plan, days)
        begins = today - age - timedelta(minutes=rng.randrange(0, 50))
        scene = Scene(
            rng=Random(rng.random()),  # noqa: S311
            number=str(numbers[index]),
            package_id=package_id,
            employer_id=ids[plan.employer],
            freelancer_id=ids[freelancer],
            names={"employer": names[plan.employer], "freelancer": names[freelancer], "work": work},
            title=title,
            over=plan.story in FINISHED,
            job=job,
            people=ids,
        )
        moments += [Moment(begins + step.after, (index, place), scene, step.what) for place, step in enumerate(steps)]
    return sorted(moments, key=lambda moment: (moment.at, moment.place))


def _offered(service: catalogue.DemoService, package: int) -> services.Offer:
    found = services.details(read(), services.slug_of(service.draft.title))
    if found is None:
        raise Refused(f"The demo service {service.key!r} is not on offer.", code="demo")
    return found.offers[package]


def _read_what_is_over(session: Session, moments: list[Moment]) -> None:
    """In conversations of finished orders nothing is left unread."""
    for scene in {id(moment.scene): moment.scene for moment in moments}.values():
        if scene.over and scene.last_message_id:
            for person_id in (scene.employer_id, scene.freelancer_id):
                messages.mark_seen(session, scene.number, person_id, scene.last_message_id)
