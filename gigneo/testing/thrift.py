"""What tests need not pay for again and again: costly password hashes."""

from collections.abc import Iterator

import pytest

from gigneo.core.accounts.passwords import ARGON2

LEAST = {"argon2__memory_cost": 8, "argon2__time_cost": 1}
"""The least that argon2 takes, in KiB and passes."""
REAL = {name: ARGON2[name] for name in LEAST}


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords at the least cost in this process; servers in processes of their own hash as they do for people."""
    with pytest.MonkeyPatch.context() as patch:
        for name, cost in LEAST.items():
            patch.setitem(ARGON2, name, cost)
        yield


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashing cost on the sites of this test what it costs for people. Ask for it before a site is built."""
    for name, cost in REAL.items():
        monkeypatch.setitem(ARGON2, name, cost)
