"""How much people may write on orders, in characters."""

from typing import Final

TEXT_LIMIT: Final = 5000
REASON_LIMIT: Final = 1000
