"""Loading: whatever is wrong with a module's code is that module's fault, and can be repaired and tried again."""

import sys
from pathlib import Path

import pytest
from sqlmodel import Session, create_engine, select

from gigneo.core.db.base import metadata
from gigneo.core.faults import PluginFault
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.fingerprint import fingerprint
from gigneo.core.modules.hooknames import check_hooks
from gigneo.core.modules.loading import LoadedPlugin, load
from tests.zoo.build import make_package

HEAD = """
from gigneo.hooks import hookimpl, hookspec
from gigneo.core.db.base import table_base
from sqlmodel import Field, Relationship
"""


def loaded(packages: Path, name: str, body: str = "class Plugin: pass\n", **more: object) -> LoadedPlugin:
    make_package(packages, name, plugin=f"{HEAD}{body}\nplugin = Plugin()\n", **more)  # type: ignore[arg-type]
    return load(discover(refresh=True).manifests[name])


def fault(packages: Path, name: str, body: str, **more: object) -> PluginFault:
    with pytest.raises(PluginFault) as caught:
        check_hooks([loaded(packages, name, body, **more)])
    return caught.value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import zoo_nothing", "ModuleNotFoundError: No module named 'zoo_nothing'"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("raise BaseException", "BaseException"),
        ("class GeneratorLike(BaseException): pass\nraise GeneratorLike('x')", "GeneratorLike: x"),
    ],
)
def test_whatever_an_import_raises_is_the_modules_fault(packages: Path, body: str, reason: str) -> None:
    found = fault(packages, "raising", body)
    assert found.plugin == "raising" and found.reason.startswith(reason) and "zoo_raising" in found.traceback


def test_a_module_without_a_plugin_object_is_told_so(packages: Path) -> None:
    make_package(packages, "empty", plugin="")
    with pytest.raises(PluginFault, match="no attribute 'plugin'"):
        load(discover(refresh=True).manifests["empty"])


RELATION = """
class Parent(table_base("bad"), table=True):
    __tablename__ = "bad_parent"
    id: int = Field(primary_key=True)
    children: list["Nobody"] = Relationship()
class Plugin: pass
"""
GOOD = """
class Parent(table_base("bad"), table=True):
    __tablename__ = "bad_parent"
    id: int = Field(primary_key=True)
class Plugin: pass
"""


def test_a_wrong_relationship_is_its_own_modules_fault_and_can_be_repaired(packages: Path) -> None:
    other = loaded(packages, "fine", GOOD.replace("bad", "fine"))
    assert "Nobody" in fault(packages, "bad", RELATION).reason
    assert "bad_parent" not in metadata.tables
    model = sys.modules[type(other.plugin).__module__].Parent
    engine = create_engine("sqlite://")
    with Session(engine) as session, pytest.raises(Exception, match="no such table"):
        session.exec(select(model)).all()
    loaded(packages, "bad", GOOD)
    assert "bad_parent" in metadata.tables


@pytest.mark.parametrize(
    "table",
    [
        'class Stolen(table_base("thief"), table=True):\n    __tablename__ = "orders_order"\n',
        'class Stolen(table_base("victim"), table=True):\n    __tablename__ = "victim_thing"\n',
        'from sqlmodel import SQLModel\nclass Stolen(SQLModel, table=True):\n    __tablename__ = "thief_free"\n',
    ],
)
def test_a_table_outside_the_modules_prefix_or_registry_is_refused(packages: Path, table: str) -> None:
    before = set(metadata.tables)
    body = f"{table}    id: int = Field(primary_key=True)\nclass Plugin: pass"
    assert "thief_" in fault(packages, "thief", body).reason
    assert set(metadata.tables) == before


def test_unknown_hooks_are_told_all_at_once_with_suggestions(packages: Path) -> None:
    methods = ("order_taps", "order_delivred", "allow_order_deliver")
    body = "class Plugin:\n" + "".join(f"    @hookimpl\n    def {name}(self): ...\n" for name in methods)
    reason = fault(packages, "typos", body).reason
    assert "order_taps(); did you mean order_tabs()?" in reason
    assert "order_delivred(); did you mean order_delivered()?" in reason


def test_wrong_arguments_and_a_forgotten_marker_are_told(packages: Path) -> None:
    body = "class Plugin:\n    @hookimpl\n    def order_paid(self, event, money): ...\n    def order_tabs(self): ...\n"
    reason = fault(packages, "sloppy", body).reason
    assert "order_paid() takes event, session; it has no money." in reason and "order_tabs() lacks @hookimpl" in reason


SPECS = 'from gigneo.hooks import hookspec\nclass S:\n    @hookspec("event")\n    def {name}(self, event): ...\nSPECS = (S,)\n'
LISTENS = "class Plugin:\n    @hookimpl\n    def giver_given(self, event): ...\n"


def test_hooks_of_another_module_may_be_known_when_it_is_required_or_wanted(packages: Path) -> None:
    giver = loaded(packages, "giver", files={"hooks.py": SPECS.format(name="giver_given")})
    wanting = loaded(packages, "wanting", LISTENS, wants={"giver": ""})
    check_hooks([giver, wanting])
    check_hooks([wanting])
    with pytest.raises(PluginFault, match=r"giver_given\(\) is a hook of 'giver': name it in \[requires\] or \[wants\]"):
        check_hooks([giver, loaded(packages, "silent", LISTENS)])


def test_a_hook_that_a_module_offers_carries_its_name(packages: Path) -> None:
    assert (
        "must begin with 'loud_'"
        in fault(packages, "loud", "class Plugin: pass", files={"hooks.py": SPECS.format(name="order_shouted")}).reason
    )


def test_code_never_changes_inside_a_process(packages: Path) -> None:
    first = loaded(packages, "steady")
    assert loaded(packages, "steady", "raise SystemExit", version="2.0.0") is first


def test_a_fingerprint_changes_with_the_files(packages: Path) -> None:
    folder = make_package(packages, "inked")
    before = fingerprint(folder)
    assert fingerprint(folder) == before
    folder.joinpath("more.py").write_text("")
    assert fingerprint(folder) != before
