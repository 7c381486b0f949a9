"""The bench runs, its marks show and write what the product does, and it ends with 1 when an aim is missed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.rows import Row

ROOT = Path(__file__).parents[2]
PARTS = ("pages", "queries", "poll", "dispatcher", "rebuild", "transition")
FIGURES = (
    "order page ÷ limit", "order list ÷ limit", "queries of the order page", "poll with nothing new ÷ order page",
    "transition ÷ written by hand",
)  # fmt: skip


def test_the_marks_are_what_the_product_is(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    wanted = ("--home", str(home), "--rounds", "1", "--seconds", "0.1", "--only", *PARTS)
    done = subprocess.run([sys.executable, "-m", "bench", *wanted], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert all(figure in done.stdout for figure in FIGURES), done.stdout + done.stderr
    assert done.returncode == int("NOT MET" in done.stdout)


@pytest.mark.parametrize(("figure", "code"), [(0.5, 0), (0.4, 1)])
def test_a_missed_aim_is_an_exit_code(figure: float, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(bench.PARTS, "queries", lambda _bench: [Row("one", figure, at_least=0.5), Row("two", 1)])  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "queries", "--home", str(tmp_path)])
    assert bench.main() == code
