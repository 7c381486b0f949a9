"""The order page on PostgreSQL: against the raw driver, and against the same page on SQLite."""

from collections.abc import Iterable

from sqlalchemy import create_engine, make_url, text

from bench.measuring import log_in
from bench.pages import ORDER, Side, alternate, compare, order_path, ratio, serving, told
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.testing.commands import gigneo
from gigneo.testing.databases import postgres_database
from gigneo.testing.servers import Server


def measure(bench: Bench) -> Iterable[Row]:
    """Load the demo into a database of its own, and measure there."""
    home = bench.folder / "postgres"
    with postgres_database() as url:
        product = {"GIGNEO_DATABASE__URL": url}
        loaded = gigneo(home, "demo", "load", environment=product, timeout=600)
        if loaded.returncode:
            raise RuntimeError(f"The demo could not be loaded:\n{loaded.stdout}{loaded.stderr}")
        engine = create_engine(url)
        with engine.connect() as connection:
            path = f"/orders/{connection.execute(text(ORDER)).scalar_one()}/overview"
        engine.dispose()
        raw = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with serving(bench, home, path, product, raw) as (ours, marks, cookie):
            sides = {"product": Side(ours, path, cookie), "limit": Side(marks, path, cookie)}
            compare("order page", sides)
            with Server(bench.home, ("web",)) as sqlite:
                sides["product on SQLite"] = Side(sqlite, order_path(bench.home), log_in(sqlite.port, EMAIL, PASSWORD))
                rounds = alternate(sides, bench)
            shown = ", ".join(f"{name} {told(each)}" for name, each in rounds.items())
            yield Row("order page ÷ limit, PostgreSQL", ratio(rounds, "limit"), at_least=0.60, more=shown)
            yield Row("order page, PostgreSQL ÷ SQLite", ratio(rounds, "product on SQLite"), at_least=0.50)
