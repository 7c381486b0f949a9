"""What a web server loads: one Runtime, one Dispatcher, and the task loop where it is embedded, per process."""

from multiprocessing.util import Finalize

import gigneo.core.lean  # noqa: F401  # first: it decides what the others bring with them
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.logs import configure_logs
from gigneo.core.memory import settle, share_arenas
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop


def make_application() -> Dispatcher:
    """Build this process's application from the configuration that the environment names."""
    share_arenas()
    config = load_config()
    configure_logs(config.log)
    runtime = Runtime(config)
    application = Dispatcher(runtime)
    settle()
    if config.tasks.embedded:
        runtime.loop = TaskLoop(runtime)
        runtime.loop.start()
    Finalize(None, runtime.close, exitpriority=10)  # atexit does not run in a forked worker
    return application


application = make_application()
