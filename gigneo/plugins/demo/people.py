"""The people of the demo marketplace: five log-ins that everybody knows, and five that the seed names."""

from dataclasses import dataclass
from random import Random
from typing import Final

PASSWORD: Final = "demo-demo-demo"  # noqa: S105 - a demo's log-ins are printed on its log-in page
DOMAIN: Final = "demo.example"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo.

    Attributes:
        key: the part of the address before the at sign; stories name people by it.
        name: the display name.
        roles: what they are.
        told: whether the log-in page and the command line name this log-in.
        hint: what this log-in shows.
    """

    key: str
    name: str
    roles: tuple[str, ...]
    told: bool = False
    hint: str = ""

    @property
    def email(self) -> str:
        """The address to log in with."""
        return f"{self.key}@{DOMAIN}"


LOG_INS: Final = (
    DemoPerson("employer", "Elin Bakker", ("employer",), True, "buys; has orders in every state"),
    DemoPerson("freelancer", "Frida Fontaine", ("freelancer",), True, "sells; shares those orders"),
    DemoPerson("stranger", "Noor Haddad", ("employer", "freelancer"), True, "buys and sells, with others"),
    DemoPerson("admin", "Ada Okafor", ("administrator",), True, "administrator"),
    DemoPerson("admin2", "Jonas Weber", ("administrator",), True, "administrator"),
)

FIRST = (
    "Aiko", "Bram", "Chiara", "Dario", "Eszter", "Farid", "Greta", "Hana", "Ivo", "Jana", "Kofi", "Lucía", "Milan",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Selim", "Tuuli", "Uwe", "Vera", "Wanda", "Yara",
)  # fmt: skip
LAST = (
    "Adeyemi", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Grönroos", "Horvat", "Ivanova", "Jansen", "Kowalska",
    "Lehmann", "Moreau", "Nakamura", "O’Brien", "Petrov", "Quispe", "Rossi", "Svensson", "Tanaka", "Urban", "Vidal",
)  # fmt: skip
_OTHERS = (
    ("buyer", ("employer",)),
    ("buyer2", ("employer",)),
    ("maker", ("freelancer",)),
    ("maker2", ("freelancer",)),
    ("maker3", ("freelancer",)),
)


def everybody(rng: Random) -> list[DemoPerson]:
    """Return the ten people of a demo.

    Args:
        rng: drawn from for the names of those whose log-ins nobody is told.
    """
    first, last = rng.sample(FIRST, len(_OTHERS)), rng.sample(LAST, len(_OTHERS))
    others = [DemoPerson(key, f"{first[i]} {last[i]}", roles) for i, (key, roles) in enumerate(_OTHERS)]
    return [*LOG_INS, *others]
