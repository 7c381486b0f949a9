"""The root of the command line. Nothing heavy is imported until a command runs: ``gigneo --help`` is a look, not a start."""

import importlib
import sys
from collections.abc import Mapping
from typing import Final

import rich_click as click

from gigneo import __version__
from gigneo.core.cli.output import GROUP_SETTINGS, complain, examples
from gigneo.core.cli.plugin_commands import plugin_commands

PROBLEM: Final = 1
USAGE: Final = 2

COMMANDS: Final[Mapping[str, str]] = {
    "run": "gigneo.core.cli.serving:run",
    "web": "gigneo.core.cli.serving:web",
    "worker": "gigneo.core.cli.serving:worker",
    "db": "gigneo.core.cli.db:db",
    "modules": "gigneo.core.cli.modules:modules",
    "hooks": "gigneo.core.cli.hooks:hooks",
    "users": "gigneo.core.cli.users:users",
    "config": "gigneo.core.cli.config:config",
    "backup": "gigneo.core.cli.backup:backup",
    "restore": "gigneo.core.cli.backup:restore",
    "doctor": "gigneo.core.cli.doctor:doctor",
}
EXPECTED: Final[Mapping[tuple[str, str], int]] = {
    ("gigneo.core.config_sources", "ConfigError"): USAGE,
    ("gigneo.core.refusals", "RefusedBase"): PROBLEM,
    ("gigneo.core.faults", "StartRefused"): PROBLEM,
    ("gigneo.core.faults", "PluginFault"): PROBLEM,
    ("gigneo.core.db.locks", "WriterBusy"): PROBLEM,
    ("gigneo.core.db.ownership", "MigrationRefused"): PROBLEM,
    ("sqlalchemy.exc", "OperationalError"): PROBLEM,
}


class Root(click.RichGroup):
    """The kernel's commands, then those of the installed modules, by their manifests."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        return [*COMMANDS, *(name for name in plugin_commands() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command; the kernel's own can't be replaced."""
        if name in COMMANDS:
            module, _, attribute = COMMANDS[name].partition(":")
            found: click.Command = getattr(importlib.import_module(module), attribute)
            return found
        return plugin_commands().get(name)


@click.group(
    cls=Root,
    context_settings=GROUP_SETTINGS,
    epilog=examples(
        ("gigneo run --demo", "the whole product, with a demo marketplace"),
        ("gigneo modules list", "what is installed, what is wrong with it"),
        ("gigneo config show", "every value and where it came from"),
        ("gigneo backup /backups/", "database and files in one archive"),
        ("gigneo doctor", "what is not as it should be"),
        "gigneo users create ada@example.org --role administrator",
    ),
)
@click.version_option(__version__, prog_name="gigneo")
def root() -> None:
    """Gigneo, a self-hosted freelance marketplace made of modules.

    What a deployment keeps is in GIGNEO_HOME; it is configured by gigneo.toml there and by GIGNEO_SECTION__KEY.
    """


def main() -> None:
    """Run the command line, and leave with 0 (well), 1 (a problem was found) or 2 (wrong usage or configuration)."""
    try:
        root(prog_name="gigneo")
    except Exception as error:
        code = expected(error)
        if code is None:
            raise
        complain(said(error))
        sys.exit(code)


def expected(error: BaseException) -> int | None:
    """Return the exit code of an error that needs no traceback, or ``None``. Only classes imported by now can match."""
    if (type(error).__module__, type(error).__name__) == ("sqlalchemy.exc", "DatabaseError"):
        return PROBLEM  # the file is no database; its subclasses are mostly faults of ours
    for kind in type(error).__mro__:
        if (code := EXPECTED.get((kind.__module__, kind.__name__))) is not None:
            return code
    return None


def said(error: BaseException) -> str:
    """Return what an expected error says to people."""
    if type(error).__module__ == "sqlalchemy.exc":
        return f"The database does not answer as it should: {getattr(error, 'orig', error)}"
    return str(error)
