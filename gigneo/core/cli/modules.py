"""``gigneo modules``: what is installed, what is on, and the way back when one of them breaks things."""

import sys

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import complain, dump, examples, json_option, say, table


@click.group(
    epilog=examples(
        "gigneo modules list",
        "gigneo modules disable disputes",
        ("gigneo modules disable tips --force", "when the module itself is what is broken"),
    )
)
def modules() -> None:
    """List modules, look at one, switch them on and off while the site runs."""


@modules.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List every module that is installed or was enabled once; leaves with 1 when one needs attention."""
    from dataclasses import asdict

    from gigneo.core.modules.states import overview

    with open_runtime() as runtime:
        cards = overview(runtime, refresh=True)
    if as_json:
        dump([asdict(card) for card in cards])
    else:
        table(
            ("module", "version", "state", "by", "what"),
            [(card.name, card.version, card.state, card.author, card.reason or card.summary) for card in cards],
        )
    sys.exit(1 if any(card.needs_attention for card in cards) else 0)


@modules.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one module: its state and why, what it needs, who needs it."""
    from dataclasses import asdict

    from gigneo.core.modules.states import overview

    with open_runtime() as runtime:
        cards = {card.name: card for card in overview(runtime, refresh=True)}
    if name not in cards:
        raise click.ClickException(f"No module {name!r} is known. Known: {', '.join(cards)}")
    card = cards[name]
    if as_json:
        dump(asdict(card))
    else:
        say(f"{card.title} ({card.name} {card.version}) by {card.author or 'unknown'}: {card.state}")
        for label, text in (
            ("", card.summary),
            ("why: ", card.reason),
            ("needs: ", ", ".join(f"{other} {wanted}" for other, wanted in card.needs.items())),
            ("needed by: ", ", ".join(card.needed_by)),
            ("", card.traceback),
        ):
            if text:
                say(f"{label}{text}")
    sys.exit(1 if card.needs_attention else 0)


@modules.command()
@click.argument("name")
@json_option
def enable(name: str, as_json: bool) -> None:
    """Switch a module on, with what it requires, after its tables are made and it was tried."""
    from gigneo.core.modules.lifecycle import enable as switch_on

    with open_runtime() as runtime:
        toggled = switch_on(runtime, name)
    if as_json:
        dump({"enabled": toggled.names, "revision": toggled.revision})
    else:
        say(f"Enabled: {', '.join(toggled.names)}" if toggled.names else f"{name} is enabled already.")


@modules.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Don't ask modules whether they object, and import none. Holds stay visible.")
@json_option
def disable(name: str, force: bool, as_json: bool) -> None:
    """Switch a module off. Its data stays; its waiting tasks wait."""
    from gigneo.core.modules.lifecycle import disable as switch_off

    with open_runtime() as runtime:
        toggled = switch_off(runtime, name, force=force)
    if as_json:
        dump({"disabled": toggled.names, "revision": toggled.revision, "waiting": toggled.waiting})
        return
    say(f"Disabled: {', '.join(toggled.names)}" if toggled.names else f"{name} is disabled already.")
    if toggled.waiting:
        complain(f"{toggled.waiting} tasks of {name} wait until it is enabled again.")
