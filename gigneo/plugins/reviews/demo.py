"""Reviews of the demo's orders: what the two sides say of each other when a story has ended."""

from typing import Any, Final

from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.plugins.reviews.models import EMPLOYER, FREELANCER
from gigneo.plugins.reviews.writing import write_review

LINES: Final = {
    EMPLOYER: (
        (5, "{other} understood at once what we needed. The {work} is better than what I had in mind, and it came early."),
        (5, "Calm, careful and quick. Every question was a good one. We will order again."),
        (4, "Very good work. One small thing had to be changed, and it was done the same day."),
        (4, "The {work} does what it should, and {other} answers fast. A little more explanation would have helped."),
        (3, "The result is fine. It took a few messages too many until we meant the same thing."),
    ),
    FREELANCER: (
        (5, "{other} knew what was wanted, wrote it down, and answered within the hour. I would gladly do it again."),
        (5, "A clear brief, honest feedback, and no surprises at the end."),
        (5, "Knows exactly what the {work} is for, and says so. The feedback on the draft saved both of us a day."),
        (5, "Polite, quick to answer, and quick to approve. Thank you, {other}."),
        (4, "Friendly and fair. The last details of the {work} came late, but there was time enough."),
    ),
}


class TellsStories:
    """The part of the reviews plugin that takes part in the demo's stories."""

    @hookimpl
    def demo_story_ending(self, chapter: Any, session: Session) -> None:
        """Write what this side says of the other."""
        rating, words = chapter.rng.choice(LINES[chapter.role])
        text = words.format(other=chapter.other, work=chapter.work)
        write_review(session, chapter.number, chapter.person_id, rating=rating, text=text)
