"""Switching modules: what is written last, what is refused, and what stays when it is killed half way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from gigneo.core.db.models import ModuleState
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.modules.states import ModuleCard, overview
from gigneo.core.refusals import Refused, RefusedMany
from gigneo.core.runtime import Runtime
from gigneo.testing.fixtures import both_databases
from tests.zoo.build import make_package

MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision = "tips_0001"
down_revision = None
def upgrade():
    op.create_table("tips_tip", sa.Column("id", sa.Integer(), primary_key=True))
"""
PLUGIN = """
from sqlalchemy import text
from gigneo.api import Refused, hookimpl
from gigneo.contributions import Refusal
class Plugin:
    @hookimpl
    def on_enable(self, session):
        session.execute(text("INSERT INTO tips_tip (id) SELECT coalesce(max(id), 0) + 1 FROM tips_tip"))
    @hookimpl
    def allow_module_disable(self, module, session):
        if module == "tips" and session.execute(text("SELECT count(*) FROM tips_tip")).scalar() > 1:
            return Refusal("Tips are being given.", "busy")
plugin = Plugin()
"""


def card(runtime: Runtime, name: str) -> ModuleCard:
    return next(card for card in overview(runtime, refresh=True) if card.name == name)


def audited(runtime: Runtime) -> list[tuple[str, str]]:
    with runtime.read() as session:
        rows = session.execute(text("SELECT action, subject FROM audit_entry WHERE action LIKE 'module.%' ORDER BY id"))
        return [(row[0], row[1]) for row in rows if row[1] in {"tips", "jar"}]


@both_databases
def test_a_module_is_switched_on_with_its_tables_and_off_with_its_data_kept(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "tips", plugin=PLUGIN, files={"migrations/0001_first.py": MIGRATION})
    assert card(runtime, "tips").state == "disabled"
    done = enable(runtime, "tips", actor_id=7)
    assert done.names == ("tips",) and card(runtime, "tips").state == "enabled"
    assert enable(runtime, "tips").names == ()
    assert runtime.rebuild().revision == done.revision and "tips" in runtime.site.modules
    assert disable(runtime, "tips").names == ("tips",)
    assert disable(runtime, "tips").names == ()
    with runtime.read() as session:
        assert session.execute(text("SELECT count(*) FROM tips_tip")).scalar() == 1
    assert audited(runtime) == [("module.enabled", "tips"), ("module.disabled", "tips")]


def test_a_veto_is_asked_in_the_transaction_and_force_skips_it(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "tips", plugin=PLUGIN, files={"migrations/0001_first.py": MIGRATION})
    enable(runtime, "tips")
    disable(runtime, "tips")
    revision = enable(runtime, "tips").revision
    with pytest.raises(RefusedMany, match="Tips are being given"):
        disable(runtime, "tips")
    assert runtime.rebuild().revision == revision and card(runtime, "tips").state == "enabled"
    disable(runtime, "tips", force=True)
    assert audited(runtime)[-1] == ("module.disabled_by_force", "tips")


def test_what_it_requires_is_enabled_along_and_can_not_go_first(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "jar")
    make_package(packages, "tips", requires={"jar": ">=1"})
    assert enable(runtime, "tips").names == ("jar", "tips")
    assert card(runtime, "jar").needed_by == ("tips",)
    with pytest.raises(Refused, match="needed by Tips"):
        disable(runtime, "jar")
    disable(runtime, "tips")
    disable(runtime, "jar")


def test_an_essential_module_stays_even_when_forced(runtime: Runtime) -> None:
    essential = [name for name, manifest in discover().manifests.items() if manifest.essential]
    for name in essential:
        with pytest.raises(Refused, match="essential"):
            disable(runtime, name, force=True)


def test_a_failing_on_enable_leaves_everything_as_it_was(runtime: Runtime, packages: Path) -> None:
    code = "from gigneo.api import hookimpl\nclass P:\n    @hookimpl\n    def on_enable(self, session): 1 / 0\nplugin = P()\n"
    make_package(packages, "tips", plugin=code)
    revision = runtime.site.revision
    with pytest.raises(Refused, match="on_enable"):
        enable(runtime, "tips")
    found = card(runtime, "tips")
    assert (found.state, found.wanted) == ("failed", False) and "ZeroDivisionError" in found.reason
    assert runtime.rebuild().revision == revision
    make_package(packages, "tips", version="1.0.1")


def test_nothing_is_known_of_a_module_that_is_not_installed(runtime: Runtime) -> None:
    with pytest.raises(Refused, match="No module nothing is installed"):
        enable(runtime, "nothing")


def test_a_vanished_package_leaves_its_row_and_can_be_switched_off(runtime: Runtime, packages: Path) -> None:
    from tests.zoo.build import remove_package

    make_package(packages, "tips")
    enable(runtime, "tips")
    remove_package(packages, "tips")
    assert "tips" not in runtime.rebuild().modules
    assert card(runtime, "tips").state == "missing" and card(runtime, "tips").wanted
    disable(runtime, "tips", force=True)
    assert card(runtime, "tips").state == "missing" and not card(runtime, "tips").wanted


def test_forced_disabling_imports_no_module_at_all(runtime: Runtime, packages: Path) -> None:
    make_package(packages, "tips", plugin="import os; os._exit(9)")
    with runtime.write() as session:
        session.add(ModuleState(name="tips", wanted=True, changed_at=runtime.clock.now()))
    script = (
        "import sys; from gigneo.core.config import load_config; from gigneo.core.runtime import Runtime;"
        "from gigneo.core.modules.lifecycle import disable; from gigneo.core.modules.states import overview;"
        "runtime = Runtime(load_config()); cards = overview(runtime); disable(runtime, 'tips', force=True);"
        "sys.exit(any(name.startswith(('gigneo.plugins.', 'zoo_')) for name in sys.modules))"
    )
    environment = {
        **os.environ,
        "GIGNEO_HOME": str(runtime.home),
        "GIGNEO_DATABASE__URL": runtime.config.database.url,
        "PYTHONPATH": str(packages),
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not card(runtime, "tips").wanted
    assert audited(runtime) == [("module.disabled_by_force", "tips")]
