"""What people of the demo write to each other. A story draws one of each kind; ``{work}`` and names are filled in."""

from random import Random
from typing import Final

LINES: Final[dict[str, tuple[str, ...]]] = {
    "hello": (
        "Hello {freelancer}, thank you for taking this on. What matters most to me: it must look calm. Ask me anything.",
        "Hi {freelancer}! I have put what we have into Attachments. Please tell me early if something is missing.",
        "Good morning {freelancer}, the {work} is for our launch next month. A rough draft early would help me a lot.",
        "Hello! Two things to know: our customers are mostly over fifty, and we print everything in black and white.",
    ),
    "reply": (
        "Hello {employer}, got everything, thank you. I start today and show you a first version of the {work} soon.",
        "Thanks {employer}! That is clear. One question: is there anything from the old {work} that must stay?",
        "Hi {employer}, perfect. I have cleared my desk for this. You will hear from me before the end of the week.",
        "Thank you, that helps. I work in the mornings, so you will usually have an answer by noon.",
    ),
    "progress": (
        "Quick word on where I am: the hard part of the {work} is done, the rest is care.",
        "Half way there. I tried a second idea and threw it away; the first one is better.",
        "Going well. I will need one more evening than I thought, and we are still well inside the time.",
    ),
    "late": (
        "Hello {freelancer}, the {work} was due yesterday. When can I expect it?",
        "Hi {freelancer}, I had counted on the {work} by now. Is something wrong?",
    ),
    "draft": (
        "A first draft of the {work}, for the direction only. Please look at the whole, not at the details yet.",
        "Work in progress: the structure stands. Tell me what feels wrong, and I go on from there.",
    ),
    "feedback": (
        "I like where this goes. A little less of everything, and it is right.",
        "Yes, that is the direction. The second page is a bit crowded; the rest is lovely.",
    ),
    "stretch": (
        "The interviews took longer than planned. With two more days the {work} gets the care that it deserves.",
        "One piece of what you sent arrived today only. Two more days, and nothing has to be rushed.",
    ),
    "ask": (
        "Our launch was called off this morning. I am sorry; it has nothing to do with your work.",
        "We merged with another team, and they have a {work} already. Could we end this here?",
    ),
    "refuse": ("Most of the {work} is done. Let me show you a draft first; I am sure that we find a way.",),
    "delivery": (
        "Here is the finished {work}.\n\n- everything from the package is in the files\n- fonts and pictures are licensed\n\n"
        "Tell me if anything does not open.",
        "The {work} is done. I am happy with it, and I hope that you are, too.\n\nThe text file says what is what.",
        "Final version of the {work}. I checked it twice, and had somebody else look at it once.",
    ),
    "revision": (
        "Very close. Please change two things:\n\n1. The heading is too loud; one size smaller.\n2. Use the new address.",
        "Thank you! Three small things: the blue is darker on our site, “Ltd” is missing, and page 2 has a typo in line 4.",
    ),
    "redelivery": (
        "Everything you named is changed; nothing else was touched.",
        "It is all done. I also found a second typo that neither of us had seen.",
    ),
    "thanks": (
        "Wonderful work, {freelancer}. I will come back.",
        "Exactly what we needed, and earlier than promised. Thank you!",
        "Approved. Everybody here is delighted, even the accountant.",
    ),
    "welcome": (
        "Thank you {employer}, that was a pleasure. You know where to find me.",
        "Glad that it fits! The source files stay with me for a year, in case you need them.",
    ),
    "sorry": (
        "{employer}, I am sorry: I have fallen ill and can't finish the {work} in time. I cancel, so that you get your money"
        " back at once.",
        "I have to be honest: this needs somebody who knows the trade better than I do. I cancel; all of it goes back to you.",
    ),
}


def draw(rng: Random, kind: str, **names: str) -> str:
    """Draw what somebody writes.

    Args:
        rng: the marketplace's own.
        kind: which situation, a key of :data:`LINES`.
        names: ``work``, ``employer``, ``freelancer``.
    """
    return rng.choice(LINES[kind]).format(**names)
