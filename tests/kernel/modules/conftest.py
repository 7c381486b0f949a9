"""What the tests of modules share."""

from tests.zoo.fixtures import packages

__all__ = ["packages"]
