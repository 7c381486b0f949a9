"""What tells thousands of demo people, services and jobs apart: names, trades, towns."""

from random import Random
from typing import Final

from gigneo.plugins.demo.people import FIRST, LAST

MANNERS: Final = (
    "calm", "small", "family-run", "brand-new", "century-old", "mobile", "seasonal", "curious", "busy", "tiny", "green",
    "night-time", "travelling", "wooden", "quiet", "cheerful", "hidden", "well-known", "two-person", "stubborn",
)  # fmt: skip
TRADES: Final = (
    "bakery", "museum", "bicycle shop", "orchard", "choir", "school", "brewery", "theatre", "ferry company", "bookshop",
    "clockmaker", "dairy", "pharmacy", "swimming club", "print shop", "vineyard", "observatory", "tailor", "kindergarten",
    "fish market", "youth hostel", "pottery", "radio station", "greenhouse", "law office", "garage", "zoo", "boatyard",
    "library", "dance school", "café", "apiary", "hospital", "fire brigade", "puppet theatre", "goldsmith", "mill",
    "chess club", "lighthouse", "crêperie",
)  # fmt: skip
TOWNS: Final = (
    "Aarhus", "Bergen", "Bilbao", "Brno", "Cádiz", "Cork", "Delft", "Dresden", "Évora", "Faro", "Gdańsk", "Ghent",
    "Göttingen", "Graz", "Győr", "Haarlem", "Innsbruck", "Jena", "Kaunas", "Kiel", "Košice", "Leeds", "León", "Linz",
    "Łódź", "Lucca", "Lund", "Malmö", "Mons", "Nantes", "Odense", "Oulu", "Parma", "Pécs", "Plovdiv", "Porto", "Reims",
    "Riga", "Siena", "Split", "Tartu", "Tromsø", "Turku", "Utrecht", "Vigo", "Vilnius", "Wrocław", "York", "Žilina", "Zürich",
)  # fmt: skip


def title(rng: Random, work: str) -> str:
    """Draw a title of a service or a job.

    Args:
        rng: the marketplace's own.
        work: what is made.
    """
    return f"{work[0].upper()}{work[1:]} for a {rng.choice(MANNERS)} {rng.choice(TRADES)} in {rng.choice(TOWNS)}"


def name(rng: Random) -> str:
    """Draw a person's name."""
    return f"{rng.choice(FIRST)} {chr(rng.randrange(26) + ord('A'))}. {rng.choice(LAST)}"
