"""Tiny real module packages, made on the fly: the good one, and each way of being broken."""
