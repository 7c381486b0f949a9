"""``gigneo users``: people, roles and rights, from the machine that the site runs on."""

import sys

import rich_click as click

from gigneo.core.cli.opening import open_runtime
from gigneo.core.cli.output import dump, examples, json_option, say, table

ROLES = ("employer", "freelancer", "administrator")


@click.group(
    epilog=examples(
        "gigneo users create ada@example.org --role administrator",
        "gigneo users create bob@example.org --role employer --role freelancer --name Bob",
        "gigneo users grant bob@example.org orders.manage",
        "gigneo users grant bob@example.org orders.manage --revoke",
    )
)
def users() -> None:
    """Make people, list them, give and take roles and rights."""


@users.command()
@click.argument("email")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), required=True, help="May be given more than once.")
@click.option("--name", help="What others read; by default what stands before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@json_option
def create(email: str, roles: tuple[str, ...], name: str | None, password_stdin: bool, as_json: bool) -> None:
    """Make an account whose address counts as confirmed."""
    from gigneo.core.accounts.admin import create_user

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with open_runtime() as runtime:
        user_id = create_user(runtime, email, name or email.partition("@")[0], password, roles)
    if as_json:
        dump({"id": user_id, "email": email, "roles": roles})
    else:
        say(f"Made {email} ({', '.join(roles)}). Log in at {runtime.config.site.base_url}/login")


@users.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List everybody."""
    from dataclasses import asdict

    from gigneo.core.accounts.admin import list_users

    with open_runtime() as runtime:
        people = list_users(runtime)
    if as_json:
        dump([asdict(each) for each in people])
        return
    table(
        ("id", "e-mail", "name", "roles", ""),
        [(each.id, each.email, each.name, ", ".join(each.roles), _remarks(each.active, each.confirmed)) for each in people],
    )


@users.command()
@click.argument("email")
@click.argument("role_or_right")
@click.option("--revoke", is_flag=True, help="Take it instead.")
def grant(email: str, role_or_right: str, revoke: bool) -> None:
    """Give somebody a role, or a right such as orders.manage."""
    from gigneo.core.accounts.admin import grant as change

    with open_runtime() as runtime:
        change(runtime, email, role_or_right, allowed=not revoke)
    say(f"{email} {'no longer has' if revoke else 'has'} {role_or_right}.")


def _remarks(active: bool, confirmed: bool) -> str:
    return ", ".join([*([] if active else ["suspended"]), *([] if confirmed else ["address not confirmed"])])
