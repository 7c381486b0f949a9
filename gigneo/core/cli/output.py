"""How commands speak: tables and sentences for people, JSON for machines, complaints on standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import rich_click as click

from gigneo.core.plain_lines import escaped

GROUP_SETTINGS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def examples(*lines: str | tuple[str, str]) -> str:
    """Return the end of a help page: commands to try, each with what it is for where that needs saying."""
    width = max((len(line[0]) for line in lines if not isinstance(line, str)), default=0) + 3
    written = [line if isinstance(line, str) else f"{line[0]:<{width}}{line[1]}" for line in lines]
    return "\n\n".join(["Examples:", *written])  # rich-click keeps paragraphs apart, and joins lines


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``; the command gets ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")(function)


def say(text: str = "") -> None:
    """Say something to whoever reads."""
    click.echo(text)
    sys.stdout.flush()


def complain(text: str) -> None:
    """Say on standard error what is wrong."""
    for line in text.splitlines() or [text]:
        click.echo(click.style("✗ ", fg="red") + escaped(line), err=True)


def dump(data: Any) -> None:
    """Write JSON."""
    click.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table that fits a terminal, or whole lines where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*head, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(str("" if cell is None else cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(drawn)
