"""What no process of a site need keep in memory. To be imported before whatever imports structlog.

structlog looks for rich, to colour the tracebacks on a developer's screen; our lines are JSON or plain text, and rich with
what it brings takes 3.6 MiB of every process. Where rich is in memory already, there is nothing to save.
"""

import sys

if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]  # importing it fails, as where it isn't installed
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]  # whoever needs it later finds it
