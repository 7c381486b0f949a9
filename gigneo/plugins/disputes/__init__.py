"""Disputes: either side stops an order until it is withdrawn or the administrator closes it."""
