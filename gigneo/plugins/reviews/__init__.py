"""Reviews: both sides of a completed order say how it was, blind until both have or the time is over."""
