"""The jobs of the demo marketplace: what employers look for, who proposes what, and whom they hire."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DemoProposal:
    """What somebody proposes for a job.

    Attributes:
        freelancer: the key of who proposes.
        price: in whole units of the currency.
        days: to deliver.
        revisions: included; ``None`` is unlimited.
        cover: what they write.
    """

    freelancer: str
    price: int
    days: int
    revisions: int | None
    cover: str


@dataclass(frozen=True, slots=True)
class DemoJob:
    """A job of the demo.

    Attributes:
        key: stories name jobs by it.
        employer: the key of who looks for somebody.
        title: of the job.
        about: its description.
        category: in the employer's words.
        budget: least and most, in whole units of the currency.
        work: what is delivered, for file names and messages.
        proposals: the first one is hired, where the job's story says so.
    """

    key: str
    employer: str
    title: str
    about: str
    category: str
    budget: tuple[int, int]
    work: str
    proposals: tuple[DemoProposal, ...]


JOBS: Final = (
    DemoJob(
        "signs", "employer", "Signs for a small museum, in two languages",
        "We reopen in spring and need 24 signs: room numbers, ways out, and the story of each room.\n\n"
        "- texts are written and translated\n- the walls are dark green\n- everything must be readable from a wheelchair",
        "Design", (300, 600), "museum signs",
        (
            DemoProposal("maker", 440, 8, 2, "I drew the signs of two libraries, and would begin with one room."),
            DemoProposal("freelancer", 520, 10, None, "I would come and measure light and distance first."),
        ),
    ),
    DemoJob(
        "leaflet", "buyer2", "A leaflet about bees for schools",
        "Eight pages, drawn rather than photographed, for children of nine. The text is there; the beekeeper checks it.",
        "Design", (150, 300), "bee leaflet",
        (
            DemoProposal("freelancer", 240, 6, 2, "I draw for schools, and know what nine-year-olds laugh at."),
            DemoProposal("maker2", 190, 9, 1, "I can do this next week."),
        ),
    ),
    DemoJob(
        "ledger", "buyer", "Two years of receipts, sorted and booked",
        "Three shoe boxes. I have promised my accountant a file that she can open.",
        "Business", (150, 250), "booked receipts",
        (DemoProposal("maker2", 210, 7, 1, "I have seen worse boxes. You get them back labelled."),),
    ),
    DemoJob(
        "survey", "stranger", "Turn a survey into ten charts",
        "1,200 answers, ten questions. The charts go into a report that will be printed in grey.",
        "Web and software", (120, 260), "survey charts",
        (
            DemoProposal("maker3", 180, 5, 2, "Grey is my favourite colour. The first chart comes in two days."),
            DemoProposal("maker", 230, 4, None, "Charts and the table behind each of them."),
        ),
    ),
    DemoJob(
        "menu", "employer", "A menu that changes every week",
        "We write it on Sunday and print it on Monday. Whoever makes the template saves us an hour a week for ever.",
        "Design", (80, 200), "weekly menu",
        (
            DemoProposal("freelancer", 160, 5, 2, "One page, your fonts, a field for each course, and a lesson."),
            DemoProposal("maker", 140, 6, 1, "I have made this for a canteen and can show it."),
        ),
    ),
    DemoJob(
        "voices", "buyer", "Write down four hours of interviews",
        "Four talks with craftsmen, recorded in workshops. Dialect may stay; names must be right.",
        "Writing and translation", (160, 320), "interview texts",
        (DemoProposal("stranger", 260, 9, 1, "I type for oral historians. Noise of saws is no problem."),),
    ),
)  # fmt: skip
