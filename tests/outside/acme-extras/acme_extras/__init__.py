"""Notes on orders: one of everything that a module of Gigneo can add."""
