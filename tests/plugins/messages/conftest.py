"""The market of the services' tests, with orders to talk and to quarrel about."""

from tests.plugins.services.conftest import dispatcher, nobody, trade

__all__ = ["dispatcher", "nobody", "trade"]
