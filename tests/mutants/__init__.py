"""Breaks named rules of orders, one at a time, and shows the test that turns red for each: ``make mutants``."""
