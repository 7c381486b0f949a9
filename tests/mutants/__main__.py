"""``make mutants``: a copy of the tree, one broken rule at a time, and the test that is expected to turn red.

A rule that no test notices is printed as SURVIVED, and the command leaves with 1.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutants.rules import RULES, TESTS, Rule

ROOT = Path(__file__).parents[2]
COPIED = ("gigneo", "themes", "tests", "bench", "docs", "setup.cfg", "pyproject.toml", "README.md", "ruff.toml")


def main() -> int:
    """Break the rules that are named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only rules whose name contains one of these words")
    words = parser.parse_args().words
    chosen = [rule for rule in RULES if not words or any(word in rule.name for word in words)]
    survived = []
    with tempfile.TemporaryDirectory(prefix="gigneo-mutants-") as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, tree / name, ignore=ignored) if source.is_dir() else shutil.copy(source, tree / name)
        for rule in chosen:
            noticed = notice(tree, rule)
            print(f"{'killed  ' if noticed else 'SURVIVED'}  {rule.name:<44} {noticed or rule.test[1]}", flush=True)
            if not noticed:
                survived.append(rule)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} broken rules were noticed.")
    return 1 if survived else 0


def notice(tree: Path, rule: Rule) -> str:
    """Break a rule in a copy of the tree, run its test, mend it again, and return the name of the test that failed.

    Raises:
        SystemExit: the rule does not stand where its row says, or the test can't be run.
    """
    path = tree / rule.path
    whole = path.read_text(encoding="utf-8")
    if whole.count(rule.old) != 1:
        raise SystemExit(f"{rule.name}: {rule.old!r} stands {whole.count(rule.old)} times in {rule.path}; mend the row.")
    path.write_text(whole.replace(rule.old, rule.new), encoding="utf-8")
    try:
        return _run(tree, rule)
    finally:
        path.write_text(whole, encoding="utf-8")


def _run(tree: Path, rule: Rule) -> str:
    file, part = rule.test
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"{TESTS}/{file}",
        "-k",
        part,
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=600, check=False)
    failed = re.search(r"^FAILED \S+::(\S+)", done.stdout, re.MULTILINE)
    if done.returncode == 1 and failed:
        return failed[1]
    if done.returncode in {0, 1}:
        return ""
    raise SystemExit(f"{rule.name}: {file} -k {part} could not be run.\n{done.stdout[-1500:]}{done.stderr[-500:]}")


if __name__ == "__main__":
    raise SystemExit(main())
