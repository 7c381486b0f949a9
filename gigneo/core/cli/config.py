"""``gigneo config``: every value of the configuration, and where it came from."""

import rich_click as click

from gigneo.core.cli.output import dump, examples, json_option, say, table


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command(
    epilog=examples(
        "gigneo config show",
        "GIGNEO_WEB__PORT=8100 gigneo config show --json",
    )
)
@json_option
def show(as_json: bool) -> None:
    """Show every value with its source; secrets are masked."""
    from gigneo.core.config import load_config, names
    from gigneo.core.config_sources import variable

    found = load_config()
    sources, values = found.sources(), found.shown()
    if as_json:
        dump({"home": found.home, "values": {name: {"value": values[name], "source": sources[name]} for name in values}})
        return
    say(f"Home: {found.home} (GIGNEO_HOME). Values come from {found.home}/gigneo.toml and from variables, which win.")
    table(
        ("name", "value", "source", "variable", "allowed"),
        [(name, _text(values[name]), sources[name], variable(*name.split(".")), allowed) for name, allowed in names().items()],
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
