"""Each way in which a module can be broken: what it consists of, and the words by which its fault is known."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.zoo.build import make_package

HEAD = """
import os, sys, time
from flask import Blueprint
from sqlmodel import Field, Relationship
from gigneo.api import hookimpl, permission, public, table_base
from gigneo.hooks import OrderTab
from gigneo.contributions import MenuItem
"""
NOTHING = "class Plugin: pass\nplugin = Plugin()\n"


def routes(*lines: str, name: str = "{name}", access: str = "@public") -> str:
    """Return a plugin that contributes one blueprint, made once, with one page per line."""
    views = "\n".join(f"@bp.get({line!r})\n{access}\ndef view{number}(): return 'x'" for number, line in enumerate(lines))
    plugin = "class Plugin:\n    @hookimpl\n    def routes(self): return [bp]\nplugin = Plugin()\n"
    return f'bp = Blueprint("{name}", __name__)\n{views}\n{plugin}'


MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision = "{name}_0001"
down_revision = None
def upgrade():
    op.create_table("{name}_thing", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
"""


@dataclass(frozen=True)
class Animal:
    """One way of being broken.

    Attributes:
        name: of the module.
        words: that its fault must contain.
        code: of its ``plugin.py``.
        files: further ones; ``{name}`` is filled in.
        manifest: what differs in its ``plugin.toml``.
        dies: whether importing it ends or stops the process: it can only be tried in one of its own.
        at: where it shows: ``build`` of a site, or only when it is tried or its tables are made (``enable``).
    """

    name: str
    words: str
    code: str = NOTHING
    files: dict[str, str] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    dies: bool = False
    at: str = "build"

    def release(self, where: Path) -> Path:
        """Install it into a folder of the import path."""
        files = {path: text.replace("{name}", self.name) for path, text in self.files.items()}
        code = self.code.replace("{name}", self.name)
        head = "" if code.startswith("!") else HEAD
        return make_package(where, self.name, plugin=head + code.removeprefix("!"), files=files, **self.manifest)


ANIMALS = (
    Animal("importer", "No module named 'zoo_levels'", "import zoo_levels"),
    Animal("syntax", "SyntaxError", "def broken(:"),
    Animal("exiting", "SystemExit", "sys.exit(2)"),
    Animal("leaving", "ended with 7", "os._exit(7)", dies=True),
    Animal("endless", "did not finish within", "while True: time.sleep(0.05)", dies=True),
    Animal(
        "guessing",
        "did you mean order_tabs()",
        "class Plugin:\n    @hookimpl\n    def order_tabz(self): ...\nplugin = Plugin()\n",
    ),
    Animal(
        "relating",
        "Nobody",
        'class A(table_base("relating"), table=True):\n    __tablename__ = "relating_a"\n    id: int = Field(primary_key=True)\n'
        '    others: list["Nobody"] = Relationship()\n' + NOTHING,
    ),
    Animal(
        "stealing",
        "stealing_",
        'class A(table_base("stealing"), table=True):\n    __tablename__ = "orders_order"\n'
        "    id: int = Field(primary_key=True)\n" + NOTHING,
    ),
    Animal("shadowing", "/dashboard is already", routes("/dashboard")),
    Animal(
        "twice",
        "is already contributed by 'twice'",
        routes("/a-page").replace("return [bp]", "return [bp, Blueprint('twice', __name__)]"),
    ),
    Animal("undeclared", "declares no access", routes("/undeclared", access="")),
    Animal("entering", "must declare @permission", routes("/admin/entering")),
    Animal(
        "raising",
        "order_tabs() raised ZeroDivisionError",
        "class Plugin:\n    @hookimpl\n    def order_tabs(self): 1 / 0\nplugin = Plugin()\n",
    ),
    Animal(
        "wrapping",
        "wrappers",
        "class Plugin:\n    @hookimpl(wrapper=True)\n    def order_paid(self, event): yield\nplugin = Plugin()\n",
    ),
    Animal("drawing", "TemplateSyntaxError", files={"templates/{name}/page.html": "{% if %}"}, at="enable"),
    Animal(
        "missingpage",
        "names the template missingpage/gone.html",
        "class Plugin:\n    @hookimpl\n    def order_tabs(self):\n"
        "        return [OrderTab('missingpage', 'x', 'missingpage/gone.html')]\nplugin = Plugin()\n",
        at="enable",
    ),
    Animal("crashing", "/crashing answered 500", routes("/crashing").replace("return 'x'", "return 1 / 0"), at="enable"),
    Animal(
        "migrating", "Its migration failed", files={"migrations/0001_first.py": MIGRATION.replace("{then}", "1 / 0")}, at="enable"
    ),
    Animal(
        "reaching",
        "not its own",
        files={"migrations/0001_first.py": MIGRATION.replace("{then}", "op.drop_table('audit_entry')")},
        at="enable",
    ),
    Animal("ahead", "It works with Gigneo >=9", manifest={"gigneo": ">=9"}),
    Animal("circling", "circling → round → circling", manifest={"requires": {"round": ""}}),
    Animal("needing", "requires nowhere", manifest={"requires": {"nowhere": ">=1"}}),
)
