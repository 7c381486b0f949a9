"""Measures the product against limits that are written by hand. Nothing here is part of the product."""
