"""Brings modules' tables to their newest revision, in a process of its own: alembic stays out of the web processes."""

import sys
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gigneo.core.faults import PluginFault
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.schema import behind
from gigneo.core.modules.subprocesses import StepFailed, answer, read_request, run_step

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

LIMIT_SECONDS = 900


def migrate(runtime: "Runtime", manifests: Iterable[Manifest]) -> None:
    """Run the migrations of modules that are behind, in order.

    Args:
        runtime: the process's ground.
        manifests: the modules, requirements first.

    Raises:
        PluginFault: a migration failed; nothing of it stays.
    """
    manifests = list(manifests)
    with runtime.read() as session:
        late = behind(session, manifests)
    for manifest in manifests:
        if manifest.name not in late:
            continue
        try:
            problem = run_step(runtime, __name__, [manifest.name], {}, LIMIT_SECONDS)
        except StepFailed as failure:
            raise PluginFault(manifest.name, f"Its migration failed. {failure.reason}", failure.output) from None
        if problem:
            raise PluginFault(manifest.name, f"Its migration failed. {problem['reason']}", problem["traceback"])


def migrate_here(runtime: "Runtime", manifests: Iterable[Manifest]) -> None:
    """Run the migrations of trusted modules in this process.

    Raises:
        PluginFault: a migration failed; nothing of it stays.
    """
    manifests = list(manifests)
    with runtime.read() as session:
        late = behind(session, manifests)
    for manifest in manifests:
        if manifest.name in late:
            problem = _upgrade(runtime, manifest)
            if problem:
                raise PluginFault(manifest.name, f"Its migration failed. {problem['reason']}", problem["traceback"])


def _upgrade(runtime: "Runtime", manifest: Manifest) -> dict[str, str] | None:
    from gigneo.core.db.migrate import upgrade_owner
    from gigneo.core.modules.loading import in_one_line

    try:
        upgrade_owner(runtime.engines, manifest.name, manifest.migrations)
    except Exception as error:
        return {"reason": in_one_line(error), "traceback": traceback.format_exc()}
    return None


def main() -> None:
    """Migrate the modules that the command line names, and answer with the first problem, or nothing."""
    from gigneo.core.runtime import Runtime

    config, _ = read_request()
    runtime = Runtime(config)
    found = discover()
    answer(next((problem for name in sys.argv[1:] if (problem := _upgrade(runtime, found.manifests[name]))), None))


if __name__ == "__main__":
    main()
