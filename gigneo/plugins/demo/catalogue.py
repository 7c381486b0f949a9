"""The catalogue of the demo marketplace: five categories, twelve services, each with three packages."""

from dataclasses import dataclass
from typing import Final

from gigneo.plugins.services.api import PackageDraft, ServiceDraft

CATEGORIES: Final = (
    ("Design", "brush"),
    ("Writing and translation", "pen"),
    ("Web and software", "globe"),
    ("Photo and video", "image"),
    ("Business", "case"),
)
NAMES: Final = ("Basic", "Standard", "Premium")


@dataclass(frozen=True, slots=True)
class DemoService:
    """A service of the demo.

    Attributes:
        key: stories name services by it.
        category: the category's place in :data:`CATEGORIES`.
        freelancer: the key of who offers it.
        draft: what it is.
        work: what is delivered, for file names and messages.
    """

    key: str
    category: int
    freelancer: str
    draft: ServiceDraft
    work: str


def _service(
    key: str,
    category: int,
    freelancer: str,
    title: str,
    summary: str,
    about: str,
    work: str,
    prices: tuple[int, int, int],
    days: tuple[int, int, int],
    offers: tuple[str, str, str],
    features: tuple[str, str, str, str, str],
) -> DemoService:
    """Make a service: Basic includes two features and a revision, Standard three or four and two, Premium all and any."""
    packages = tuple(
        PackageDraft(name, offers[i], features[: (2, 4, 5)[i]], prices[i] * 100, days[i], (1, 2, None)[i])
        for i, name in enumerate(NAMES)
    )
    return DemoService(key, category, freelancer, ServiceDraft(title, summary, about, packages), work)


SERVICES: Final = (
    _service(
        "logo", 0, "freelancer", "A logo that still works at 16 pixels",
        "Three sketched directions, one drawn out, delivered as vector and pixels.",
        "I draw logos for small companies that have no design department.\n\n"
        "**How it goes**\n\n1. You tell me what you do, and for whom.\n2. I sketch three directions by hand.\n"
        "3. You choose one, and I draw it out in vector.\n\nNo templates, no clip art. The rights are yours on approval.",
        "logo", (120, 260, 540), (4, 7, 12),
        ("One direction, drawn out.", "Three directions, one drawn out.", "The logo, and how to use it."),
        ("Vector and PNG files", "One colour and full colour", "Three sketched directions", "Favicon and social pictures",
         "A two-page guide to colours and spacing"),
    ),
    _service(
        "brochure", 0, "freelancer", "A brochure your printer will not send back",
        "Print-ready layout of your text and pictures, with bleed, marks and embedded fonts.",
        "Send text and pictures; you get back a PDF that any print shop accepts.\n\n- CMYK, 3 mm bleed, fonts embedded\n"
        "- Body text that can be read on paper\n- I talk to your printer if they have questions\n\n"
        "Text is set as delivered; proofreading is a service of its own.",
        "brochure", (90, 210, 420), (3, 6, 10), ("Up to 4 pages.", "Up to 12 pages.", "Up to 32 pages."),
        ("Print-ready PDF", "Retouched pictures", "Screen PDF with links", "A second language, same layout", "Open source files"),
    ),
    _service(
        "icons", 0, "maker", "An icon set on one grid",
        "Icons that look like one hand drew them, as SVG with sensible names.",
        "I draw icons on a 24-pixel grid with one stroke width, so that they sit well next to text.\n\n"
        "You get optimised SVG files, a sprite, and a page that shows them all.",
        "icon set", (80, 190, 460), (3, 6, 14), ("8 icons.", "24 icons.", "64 icons."),
        ("SVG files", "One stroke width and grid", "A sprite file", "Light and dark versions", "Figma source"),
    ),
    _service(
        "proofreading", 1, "stranger", "Proofreading that keeps your voice",
        "Grammar, spelling and rhythm, with every change visible and explained.",
        "I have read for publishers for eleven years. I correct what is wrong, and I leave alone what is yours.\n\n"
        "You get the file twice: once with every change marked, once clean.",
        "manuscript", (45, 110, 290), (2, 4, 8), ("Up to 2,000 words.", "Up to 8,000 words.", "Up to 25,000 words."),
        ("Marked and clean file", "Spelling and grammar", "Style notes per chapter", "A list of names and terms",
         "A second pass"),
    ),
    _service(
        "translation", 1, "maker2", "English to German, as if written there",
        "Translation by a native speaker, for web sites, manuals and contracts.",
        "Literal translation is what machines do. I write the text that a German reader expects.\n\n"
        "I keep your terms in a glossary, so that the next text matches this one.",
        "translation", (60, 170, 380), (2, 5, 9), ("Up to 1,000 words.", "Up to 4,000 words.", "Up to 10,000 words."),
        ("Native speaker", "Your file format kept", "A glossary of your terms", "Checked by a second translator",
         "A certificate of accuracy"),
    ),
    _service(
        "newsletter", 1, "maker2", "A newsletter that people open twice",
        "Four issues, researched and written, in the tone of your house.",
        "Tell me who reads you and what you want them to do. I research, write, and give you subject lines to test.",
        "newsletter", (70, 240, 520), (3, 8, 20), ("One issue.", "Four issues.", "Ten issues and a plan."),
        ("Researched and written", "Two subject lines each", "Picture suggestions", "A plan for the quarter",
         "A call every month"),
    ),
    _service(
        "landing", 2, "freelancer", "A landing page that loads in a second",
        "Hand-written HTML and CSS from your design, fast on old phones.",
        "No page builder, no 2 MB of scripts. I turn your design into clean HTML and CSS.\n\n"
        "- Keyboard and screen reader work\n- Lighthouse 95 or better, measured on a slow phone\n- Deployed where you want it",
        "landing page", (180, 390, 780), (5, 8, 14), ("One section.", "One page, up to 8 sections.", "Three pages and a form."),
        ("Clean HTML and CSS", "Works without JavaScript", "Contact form with spam check", "Two languages", "Deployed for you"),
    ),
    _service(
        "flask", 2, "stranger", "Your Flask app, reviewed and mended",
        "A written review of security, speed and structure, with fixes as commits.",
        "I read your code, run it, and write down what I find: what is dangerous, what is slow, what will hurt in a year.\n\n"
        "Every finding names a file and a line, and says what to do.",
        "code review", (150, 360, 900), (4, 7, 15), ("The report.", "The report, and the worst fixed.",
         "Everything fixed, with tests."),
        ("Report with file and line", "Dependencies checked", "The three worst findings fixed", "Slow queries measured",
         "Tests for each fix"),
    ),
    _service(
        "product", 3, "maker3", "Product pictures on white, and in use",
        "You ship the thing, I photograph it from every side and send it back.",
        "White background for the shop, and a scene for everything else. Colours are measured, not guessed.",
        "product pictures", (85, 200, 450), (4, 7, 12), ("5 pictures.", "15 pictures.", "40 pictures and a scene."),
        ("White background", "Measured colours", "Cut out with shadow", "Sizes for three shops", "A scene with a model"),
    ),
    _service(
        "explainer", 3, "maker3", "A 60-second film that explains one thing",
        "Script, drawing, voice and cut, with captions.",
        "One film, one idea. I write the script with you, draw the pictures, record the voice and cut it.",
        "explainer film", (240, 520, 960), (7, 12, 21), ("30 seconds.", "60 seconds.", "120 seconds, two languages."),
        ("Script and storyboard", "Drawn by hand", "Professional voice", "Captions in two languages",
         "Square and upright versions"),
    ),
    _service(
        "plan", 4, "maker", "A business plan that survives the bank",
        "Numbers for three years, and the text around them.",
        "I was the one who said no to business plans for six years. Now I write them so that it is harder to say no.",
        "business plan", (190, 420, 860), (5, 10, 18), ("The numbers.", "The numbers and the text.", "Both, and a rehearsal."),
        ("Three years, month by month", "Spreadsheet with formulas", "Text of up to 20 pages",
         "Market figures with sources", "A rehearsed talk"),
    ),
    _service(
        "books", 4, "maker2", "Your books, in order before the deadline",
        "A year of receipts sorted, booked and explained.",
        "Send me the shoe box. I sort, scan and book it, and tell you what is missing before the tax office does.",
        "bookkeeping", (75, 180, 340), (3, 6, 10), ("Up to 50 receipts.", "Up to 200 receipts.", "Up to 600 receipts."),
        ("Sorted and scanned", "Booked in your software", "A list of what is missing", "A summary in plain words",
         "A call to go through it"),
    ),
)  # fmt: skip
