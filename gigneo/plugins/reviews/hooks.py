"""What reviews tells others, and who may refuse that one is written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gigneo.api import hookspec
from gigneo.contributions import Refusal
from gigneo.hooks import OrderEvent, OrderFacts

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class ReviewWritten(OrderEvent):
    """``reviews_written``: one side of a completed order wrote a review. Neither rating nor text: it may still be hidden.

    Attributes:
        review_id: the review.
        subject_id: whom it is about.
        both: whether both reviews are in now, so that they are published in the same transaction.
    """

    hook: ClassVar[str] = "reviews_written"
    mail: ClassVar[str | None] = None
    review_id: int
    subject_id: int
    both: bool


@dataclass(frozen=True, slots=True)
class ReviewsPublished(OrderEvent):
    """``reviews_published``: what was written about an order can be read by everybody from now on.

    Attributes:
        review_ids: one review, or both.
    """

    hook: ClassVar[str] = "reviews_published"
    mail: ClassVar[str | None] = "reviews/published"
    review_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReviewReplied(OrderEvent):
    """``reviews_replied``: the person whom a review is about answered it.

    Attributes:
        review_id: the review.
        author_id: who wrote it.
    """

    hook: ClassVar[str] = "reviews_replied"
    mail: ClassVar[str | None] = None
    review_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class ReviewReported(OrderEvent):
    """``reviews_reported``: somebody wants the administrator to look at a review. The order's own listeners don't hear of it.

    Attributes:
        review_id: the review.
    """

    hook: ClassVar[str] = "reviews_reported"
    also: ClassVar[tuple[str, ...]] = ()
    mail: ClassVar[str | None] = None
    review_id: int


class ReviewSpecs:
    """The hooks of reviews."""

    @hookspec("veto")
    def reviews_allow_writing(self, order: OrderFacts, role: str, session: "Session") -> Refusal | None:
        """Say why this side of a completed order can't write a review now. Asked by the order page, too."""

    @hookspec("event")
    def reviews_written(self, event: ReviewWritten, session: "Session") -> None:
        """A review was written; the other side can't read it yet, unless both are in."""

    @hookspec("event")
    def reviews_published(self, event: ReviewsPublished, session: "Session") -> None:
        """The reviews of an order can be read by everybody."""

    @hookspec("event")
    def reviews_replied(self, event: ReviewReplied, session: "Session") -> None:
        """A review was answered in public."""

    @hookspec("event")
    def reviews_reported(self, event: ReviewReported, session: "Session") -> None:
        """Somebody reported a review to the administrator."""


SPECS = (ReviewSpecs,)
"""The spec classes that join the site's."""

EVENTS = (ReviewWritten, ReviewsPublished, ReviewReplied, ReviewReported)
"""The events that a task's payload is turned back into."""
