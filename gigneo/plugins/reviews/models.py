"""The tables of reviews. The migration makes them; these classes only describe them."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, and_, column, false
from sqlmodel import Field

from gigneo.api import ForeignId, Id, When, table_base

Base = table_base("reviews")
MANAGE: Final = "reviews.manage"
"""The right to see all reviews, and to hide and restore them."""

EMPLOYER: Final = "employer"
FREELANCER: Final = "freelancer"
STARS: Final = (5, 4, 3, 2, 1)
_PUBLIC = and_(column("published_at").is_not(None), column("hidden_at").is_(None))


class Review(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What one side of an order says of the other, once. The index of what is public carries the ratings, to be summed."""

    __tablename__ = "reviews_review"
    __table_args__ = (
        UniqueConstraint("order_id", "author_id"),
        CheckConstraint("author_role IN ('employer', 'freelancer')", name="author_role"),
        CheckConstraint("author_id <> subject_id", name="two_people"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("(reply = '') = (replied_at IS NULL)", name="reply"),
        Index(
            "ix_reviews_review_public",
            "subject_id",
            "author_role",
            "rating",
            "published_at",  # SQLite looks at what the condition names even when the index promises it
            "hidden_at",
            sqlite_where=_PUBLIC,
            postgresql_where=_PUBLIC,
        ),
        Index("ix_reviews_review_subject", "subject_id", "id", sqlite_where=_PUBLIC, postgresql_where=_PUBLIC),
        Index("ix_reviews_review_reported", "reported", "id"),
        Index("ix_reviews_review_hidden", "hidden_at", "id"),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    author_id: int = ForeignId("account_user.id", index=False)
    subject_id: int = ForeignId("account_user.id", index=False)
    author_role: str
    rating: int
    text: str = Field(sa_type=Text)
    written_at: datetime = When()
    published_at: datetime | None = When(nullable=True)
    reply: str = Field(default="", sa_type=Text)
    replied_at: datetime | None = When(nullable=True)
    reported: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    hidden_at: datetime | None = When(nullable=True)
    hidden_by_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    hidden_reason: str = Field(default="", sa_type=Text)


class Report(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Why somebody wants the administrator to look at a review, once per person and review."""

    __tablename__ = "reviews_report"
    __table_args__ = (UniqueConstraint("review_id", "reporter_id"),)

    id: int | None = Id()
    review_id: int = ForeignId("reviews_review.id", index=False)
    reporter_id: int = ForeignId("account_user.id", index=False)
    reason: str = Field(sa_type=Text)
    at: datetime = When()
    settled_at: datetime | None = When(nullable=True)
