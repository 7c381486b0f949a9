"""What the docs promise is there: each proof that ``docs/manage-orders.md`` names is a test, and no sentence lacks one."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "manage-orders.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
SENTENCES = 81
LATER = "completed later"


def test_every_sentence_of_the_product_page_has_a_row_with_its_screen_and_its_proof() -> None:
    numbers: list[int] = []
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4, row
        first, _, last = cells[0].partition("–")
        numbers += range(int(first), int(last or first) + 1)
        assert "`" in cells[3] or LATER in row, f"no proof: {row}"
    assert numbers == list(range(1, SENTENCES + 1))


def test_each_proof_that_is_named_exists() -> None:
    missing = []
    for row in ROWS:
        for place in re.split(r"[;,] (?=`)", row.strip("|").split("|")[3]):
            named = re.search(r"`([\w/]+(?:\.py|\.md)?)`(?: \(|)(?: \"([^\"]+)\")?", place)
            if named is None:
                continue
            path = ROOT / named[1] if named[1].startswith("docs/") else ROOT / "tests" / named[1]
            if not path.exists():
                missing.append(named[1])
            elif named[2] and named[2].replace(" ", "_") not in path.read_text(encoding="utf-8"):
                missing.append(f"{named[1]}: {named[2]}")
    assert not missing, missing
