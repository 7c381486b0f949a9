"""The rules that ``make mutants`` breaks stand where it looks for them, and their tests are there."""

from pathlib import Path

import pytest

from tests.mutants.rules import RULES, TESTS, Rule

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_stands_once_and_has_its_test(rule: Rule) -> None:
    assert (ROOT / rule.path).read_text(encoding="utf-8").count(rule.old) == 1
    file, name = rule.test
    tests = (ROOT / TESTS / file).read_text(encoding="utf-8")
    assert any(line.startswith("def test_") and name in line for line in tests.splitlines())
