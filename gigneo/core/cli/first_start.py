"""What ``gigneo run`` does before it serves: bring the database up, and on an empty site say or do what comes first."""

import subprocess
import sys

from gigneo.core.cli.opening import open_config
from gigneo.core.cli.output import complain, say
from gigneo.core.cli.plugin_commands import LOAD, find_command
from gigneo.core.cli.serving import DEMO_IS_THERE
from gigneo.core.upgrading import Upgraded, is_demo, is_empty, upgrade_all


def prepare(demo: bool) -> None:
    """Upgrade; then load the demo into an empty site, or say how the first administrator is made.

    Args:
        demo: whether a demo marketplace is wanted.

    Leaves with ``DEMO_IS_THERE`` on a site that has its demo, whose log-ins are then told when it serves.

    Raises:
        StartRefused: an essential module can't be upgraded.
        Refused: there is no demo to load.
    """
    from gigneo.core.runtime import Runtime

    runtime = Runtime(open_config(quiet=True))
    try:
        tell(upgrade_all(runtime))
        nobody = is_empty(runtime)
        if demo and nobody:
            _load_demo()
        elif demo and is_demo(runtime):
            sys.exit(DEMO_IS_THERE)
        elif demo:
            say("People are registered here, so the demo marketplace was not loaded. Choose an empty GIGNEO_HOME for it.")
        elif nobody:
            say("Nobody is registered yet. Make the first administrator, now or while the site runs:")
            say(f"  GIGNEO_HOME={runtime.home} gigneo users create you@example.org --role administrator")
    finally:
        runtime.close()


def tell(done: Upgraded) -> None:
    """Say what an upgrade did."""
    if done.copy:
        say(f"The database was copied to {done.copy} before it was changed.")
    for owner, revisions in done.applied.items():
        say(f"Upgraded {owner}: {', '.join(revisions)}")
    if done.enabled:
        say(f"Enabled: {', '.join(done.enabled)}")
    for name, reason in done.faults.items():
        complain(f"{name} is left out. {reason}")


def _load_demo() -> None:
    """Run the command of whichever module has it, in a process of its own; it prints the log-ins."""
    from gigneo.core.refusals import Refused

    if find_command(LOAD) is None:
        raise Refused(f"No installed module has the command “gigneo {LOAD}”.")
    code = subprocess.run([sys.executable, "-m", "gigneo", *LOAD.split()], check=False).returncode
    if code:
        raise Refused(f"“gigneo {LOAD}” failed. Look above for the reason; “gigneo run” without --demo starts all the same.")
