"""A self-hosted freelance marketplace as a pluggable Python kernel."""

__version__ = "0.1.0"
