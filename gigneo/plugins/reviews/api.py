"""What other plugins may use of reviews, when their manifest requires it."""

from gigneo.plugins.reviews.queries import Average, ReviewRow, about, averages, of_order
from gigneo.plugins.reviews.replying import reply
from gigneo.plugins.reviews.writing import write_review

__all__ = ["Average", "ReviewRow", "about", "averages", "of_order", "reply", "write_review"]
