"""``gigneo extras count``."""

import click

from acme_extras.services import count_notes
from gigneo.api import read


@click.command()
def count() -> None:
    """Count the notes."""
    click.echo(f"{count_notes(read())} notes")
