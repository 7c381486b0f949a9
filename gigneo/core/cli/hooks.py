"""``gigneo hooks``: the whole vocabulary of hooks, with who calls and who implements each."""

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import dump, examples, json_option, say


@click.command(
    epilog=examples(
        "gigneo hooks",
        "gigneo hooks order_delivered",
        "gigneo hooks --json",
    )
)
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="Write the reference page, docs/hooks.md.")
@json_option
def hooks(name: str | None, markdown: bool, as_json: bool) -> None:
    """Print every hook: kind, arguments, callers, implementers in call order, and what an error does."""
    from gigneo.core import hookdocs

    with open_runtime() as runtime:
        found = [each for each in hookdocs.describe(runtime.site) if name in (None, each.name)]
    if not found:
        raise click.ClickException(f"There is no hook {name!r}. Run: gigneo hooks")
    if markdown:
        click.echo(hookdocs.markdown(found), nl=False)
        return
    if as_json:
        dump([each.as_dict() for each in found])
        return
    for each in found:
        say(click.style(f"{each.name}({', '.join(each.arguments)})", bold=True) + f"  {each.kind}, since {each.since}")
        for line in each.doc.strip().splitlines() if name else each.doc.strip().splitlines()[:1]:
            say(f"    {line.strip()}")
        say(f"    called by {', '.join(each.callers) or 'nobody'}")
        say(f"    implemented by {', '.join(each.implementers) or 'nobody'}")
