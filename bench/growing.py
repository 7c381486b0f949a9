"""What it costs to build a site with all bundled modules, as after each switch of one."""

import statistics
import time
from collections.abc import Iterable

from bench.rows import Bench, Row
from gigneo.core.config import load_config
from gigneo.core.runtime import Runtime
from gigneo.core.site import build_site

BUILDS = 15


def measure(bench: Bench) -> Iterable[Row]:
    """Build the site again and again; the first one also imports, and is told apart."""
    runtime = Runtime(load_config(bench.home))
    try:
        spent = []
        for _ in range(BUILDS + 1):
            started = time.process_time()
            site = build_site(runtime)
            spent.append(time.process_time() - started)
    finally:
        runtime.close()
    more = f"{len(site.modules)} modules; the first one {spent[0]:.2f} s"
    yield Row("CPU of one site rebuild", statistics.median(spent[1:]), "s", at_most=0.15, more=more)
