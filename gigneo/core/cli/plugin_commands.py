"""Commands of modules: names and help from their manifests; their code is imported when one runs, on a running site."""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

LOAD: Final = "demo load"
"""The command that a module has which can fill an empty site with a demo marketplace."""

if TYPE_CHECKING:
    from gigneo.core.modules.manifest import Command, Manifest
    from gigneo.core.runtime import Runtime


@cache
def plugin_commands() -> Mapping[str, click.Command]:
    """Return the commands that installed modules add, by first word. Where two want one name, the first module has it."""
    from gigneo.core.modules.discovery import discover

    found: dict[str, click.Command] = {}
    for manifest in discover().manifests.values():
        for command in manifest.commands:
            first, _, second = command.name.partition(" ")
            if not second:
                found.setdefault(first, ModuleCommand(manifest, command, first))
                continue
            group = found.setdefault(first, click.RichGroup(name=first, help=f"{manifest.title}: {manifest.summary}"))
            if isinstance(group, click.RichGroup) and second not in group.commands:
                group.add_command(ModuleCommand(manifest, command, second))
    return found


class ModuleCommand(click.RichCommand):
    """Stands for a command until it is used.

    Args:
        manifest: of the module that has it.
        command: what the manifest says of it.
        name: the last word of its name.
    """

    def __init__(self, manifest: "Manifest", command: "Command", name: str) -> None:
        super().__init__(name=name, help=command.help)
        self.manifest, self.target = manifest, command.target

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Import the real command, and let it read its own arguments; it will run on a site."""
        real = self._real()
        context = real.make_context(info_name, args, parent, **extra)
        context.command = _OnSite(self.manifest.name, real)
        return context

    def _real(self) -> click.Command:
        module, _, attribute = self.target.partition(":")
        try:
            real = getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise click.ClickException(f"The module {self.manifest.name!r} can't give this command: {error!r}") from error
        if not isinstance(real, click.Command):
            raise click.ClickException(f"{self.target} of the module {self.manifest.name!r} is no click command.")
        return real


class _OnSite(click.Command):
    """Runs a module's command inside the application context of a site in which the module works."""

    def __init__(self, module: str, real: click.Command) -> None:
        super().__init__(real.name, hidden=real.hidden)
        self.module, self.real = module, real

    def invoke(self, ctx: click.Context) -> Any:
        """Open the site, and run the real command."""
        from gigneo.core.cli.opening import open_runtime

        ctx.command = self.real
        with open_runtime(fresh=True) as runtime:
            if self.module not in runtime.site.modules:
                self._join(runtime)
            site = runtime.site
            if self.module not in site.modules:
                reason = str(site.faults[self.module].reason) if self.module in site.faults else "It is not enabled."
                raise click.ClickException(f"The module {self.module!r} does not work here. {reason} See: gigneo modules list")
            with site.app.app_context():
                return self.real.invoke(ctx)

    def _join(self, runtime: "Runtime") -> None:
        """On a site where nobody is registered yet, a bundled module is switched on by using its command."""
        from gigneo.core.modules.discovery import discover
        from gigneo.core.modules.lifecycle import enable
        from gigneo.core.upgrading import is_empty

        if discover().manifests[self.module].bundled and is_empty(runtime):
            enable(runtime, self.module)
            runtime.rebuild()


def find_command(name: str) -> str | None:
    """Return the first installed module that has the command ``name``, or ``None``."""
    from gigneo.core.modules.discovery import discover

    return next((each.name for each in discover().manifests.values() for one in each.commands if one.name == name), None)
