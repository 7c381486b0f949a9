"""The wallet: people's money, orders' escrow and clearing, and the ledger that proves every cent of it."""
