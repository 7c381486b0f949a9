"""What happens in the demo's stories, each as one call of a use case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final

from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from gigneo.api import Refused, hooks
from gigneo.plugins.demo import papers
from gigneo.plugins.demo.hooks import DemoChapter
from gigneo.plugins.demo.vacancies import DemoJob
from gigneo.plugins.demo.words import draw
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services import api as services


@dataclass
class Scene:
    """One order, while its story is told.

    Attributes:
        rng: its own, so that stories don't depend on each other.
        number: the order's public number.
        package_id: what is bought; ``None`` for a job.
        employer_id: who buys.
        freelancer_id: who delivers.
        names: first names of both, and what is made.
        title: the service's.
        over: whether the story ends.
        job: what somebody is hired for; ``None`` for a service.
        people: key → id.
        last_message_id: the newest message.
        proposal_id: the proposal that is hired, once it is made.
    """

    rng: Random
    number: str
    package_id: int | None
    employer_id: int
    freelancer_id: int
    names: dict[str, str]
    title: str
    over: bool
    job: DemoJob | None = None
    people: Mapping[str, int] = field(default_factory=dict)
    last_message_id: int = 0
    proposal_id: int = 0

    def words(self, kind: str) -> str:
        """Draw what somebody writes."""
        return draw(self.rng, kind, **self.names)

    def file_name(self, ending: str) -> str:
        """Name a file after what is made."""
        return f"{self.names['work'].replace(' ', '-')}{ending}"


def _order(scene: Scene, session: Session) -> None:
    assert scene.package_id is not None
    services.buy(session, scene.package_id, scene.employer_id, pay=False, number=scene.number)


def _buy(scene: Scene, session: Session) -> None:
    assert scene.package_id is not None
    bought = services.buy(session, scene.package_id, scene.employer_id, number=scene.number)
    if not bought.paid:
        raise Refused(f"The wallet of the demo's employer is empty at order {scene.number}.", code="demo")


def _post(scene: Scene, session: Session) -> None:
    assert scene.job is not None
    post(session, scene.job, scene.people)


def _propose(scene: Scene, session: Session) -> None:
    assert scene.job is not None
    scene.proposal_id = propose_all(session, scene.job, scene.people)


def _hire(scene: Scene, session: Session) -> None:
    hired = jobs.hire(session, scene.proposal_id, scene.employer_id, number=scene.number)
    if not hired.paid:
        raise Refused(f"The wallet of the demo's employer is empty at order {scene.number}.", code="demo")


def job_number(job: DemoJob) -> str:
    """Return the public number of a demo job: the same for every seed, and no sequence to see."""
    return str(4_000_000 + int.from_bytes(job.key.encode()) % 5_000_000)


def post(session: Session, job: DemoJob, people: Mapping[str, int]) -> None:
    """Post a job of the demo."""
    least, most = (amount * 100 for amount in job.budget)
    jobs.post_job(
        session,
        people[job.employer],
        title=job.title,
        description=job.about,
        category=job.category,
        budget_min_minor=least,
        budget_max_minor=most,
        number=job_number(job),
    )


def propose_all(session: Session, job: DemoJob, people: Mapping[str, int]) -> int:
    """Make every proposal for a job of the demo, and return the first one's id."""
    made = [
        jobs.propose(
            session,
            job_number(job),
            people[each.freelancer],
            price_minor=each.price * 100,
            days=each.days,
            revisions=each.revisions,
            cover=each.cover,
        )
        for each in job.proposals
    ]
    return made[0]


def _say(kind: str, by_employer: bool) -> Callable[[Scene, Session], None]:
    def say(scene: Scene, session: Session) -> None:
        author = scene.employer_id if by_employer else scene.freelancer_id
        scene.last_message_id = messages.send(session, scene.number, author, scene.words(kind))

    return say


def _attach(scene: Scene, session: Session) -> None:
    about = papers.text(
        "brief.txt", [scene.title, "", f"What the {scene.names['work']} is for, in our own words.", "It must look calm."]
    )
    orders.add_files(session, scene.number, scene.employer_id, "instruction", [about])
    if scene.rng.random() < 0.5:
        orders.add_files(session, scene.number, scene.employer_id, "reference", [papers.png("what-we-like.png", scene.rng)])


def _draft(scene: Scene, session: Session) -> None:
    sketch = papers.png(scene.file_name("-draft.png"), scene.rng)
    orders.deliver(session, scene.number, scene.freelancer_id, final=False, description=scene.words("draft"), uploads=[sketch])


def _deliver(scene: Scene, session: Session) -> None:
    _final(
        scene,
        session,
        "delivery",
        "",
        [papers.text("read-me.txt", ["What is what:", "", "The PDF is the work. The picture shows it in use."])],
    )


def _redeliver(scene: Scene, session: Session) -> None:
    _final(scene, session, "redelivery", "-2", [])


def _final(scene: Scene, session: Session, kind: str, mark: str, more: list[FileStorage]) -> None:
    work = scene.names["work"]
    page = papers.pdf(
        scene.file_name(f"{mark}.pdf"),
        [f"{work.capitalize()} for {scene.names['employer']}", f"Order #{scene.number}", f"Made by {scene.names['freelancer']}."],
    )
    picture = papers.png(scene.file_name(f"{mark}.png"), scene.rng)
    orders.deliver(
        session,
        scene.number,
        scene.freelancer_id,
        final=True,
        description=scene.words(kind),
        uploads=[page, picture, *more],
    )


def _revise(scene: Scene, session: Session) -> None:
    orders.request_revision(session, scene.number, scene.employer_id, instructions=scene.words("revision"))


def _approve(scene: Scene, session: Session) -> None:
    orders.approve(session, scene.number, scene.employer_id)


def _cancel(scene: Scene, session: Session) -> None:
    orders.cancel(session, scene.number, scene.freelancer_id)


def _drop(scene: Scene, session: Session) -> None:
    orders.drop(session, scene.number, scene.employer_id)


def _judge(scene: Scene, session: Session) -> None:
    orders.give_feedback(session, scene.number, scene.employer_id, text=scene.words("feedback"))


def _stretch(scene: Scene, session: Session) -> None:
    orders.request_extension(session, scene.number, scene.freelancer_id, days=2, reason=scene.words("stretch"))


def _ask(scene: Scene, session: Session) -> None:
    reason = orders.cancellation_reasons()[1]
    orders.request_cancellation(session, scene.number, scene.employer_id, reason=reason, description=scene.words("ask"))


def _refuse(scene: Scene, session: Session) -> None:
    orders.reject_cancellation(session, scene.number, scene.freelancer_id, answer_text=scene.words("refuse"))


def _agree(scene: Scene, session: Session) -> None:
    orders.approve_cancellation(session, scene.number, scene.freelancer_id)


def _look_back(by_employer: bool) -> Callable[[Scene, Session], None]:
    """Let modules do what one side does when the order is completed."""

    def look_back(scene: Scene, session: Session) -> None:
        person_id, role, other = (
            (scene.employer_id, "employer", "freelancer") if by_employer else (scene.freelancer_id, "freelancer", "employer")
        )
        chapter = DemoChapter(scene.number, person_id, role, scene.names[other], scene.names["work"], scene.rng)
        hooks.participate("demo_story_ending", chapter=chapter, session=session)

    return look_back


ACTIONS: Final[Mapping[str, Callable[[Scene, Session], None]]] = MappingProxyType(
    {
        "order": _order,
        "buy": _buy,
        "post": _post,
        "propose": _propose,
        "hire": _hire,
        "hello": _say("hello", by_employer=True),
        "reply": _say("reply", by_employer=False),
        "progress": _say("progress", by_employer=False),
        "late": _say("late", by_employer=True),
        "thanks": _say("thanks", by_employer=True),
        "welcome": _say("welcome", by_employer=False),
        "sorry": _say("sorry", by_employer=False),
        "attach": _attach,
        "draft": _draft,
        "deliver": _deliver,
        "redeliver": _redeliver,
        "revise": _revise,
        "approve": _approve,
        "cancel": _cancel,
        "drop": _drop,
        "judge": _judge,
        "stretch": _stretch,
        "ask": _ask,
        "refuse": _refuse,
        "agree": _agree,
        "rate": _look_back(by_employer=True),
        "rate_back": _look_back(by_employer=False),
    }
)
