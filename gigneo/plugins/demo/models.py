"""The table of the demo: which marketplace was loaded, and whether it is complete."""

from datetime import datetime

from gigneo.api import Id, When, table_base

Base = table_base("demo")


class Load(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """One loading of the demo marketplace. One without an end was interrupted."""

    __tablename__ = "demo_load"

    id: int | None = Id()
    seed: int
    began_at: datetime = When()
    ended_at: datetime | None = When(nullable=True)
