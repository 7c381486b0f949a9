"""What the database says of top-ups, read past the product: the transfers themselves."""

from collections import Counter

from sqlalchemy import NullPool, create_engine, text

from gigneo.testing.servers import Server


def top_ups_by_key(server: Server) -> Counter[str]:
    """Return how often each form key's top-up was booked: the key is the last part of its transfer's."""
    url = server.environment.get("GIGNEO_DATABASE__URL", f"sqlite:///{server.home}/gigneo.db")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        keys = connection.execute(
            text(
                "SELECT t.key FROM wallet_transfer t JOIN wallet_posting p ON p.transfer_id = t.id "
                "WHERE t.key LIKE 'top_up:sandbox:%'"
            )
        ).scalars()
        return Counter(str(key).split(":", 3)[3] for key in keys)
