"""How much of a long proof is run: all of it, or a part to see that it works, as in ``SHARE=0.1 make soak PART=races``."""

import os


def part_of(full: int) -> int:
    """Return how many of ``full`` rounds are run, at least one."""
    return max(1, round(full * float(os.environ.get("SHARE", "1"))))
