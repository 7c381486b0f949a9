"""Orders: what was agreed, how it is delivered, and who is next. Thin by itself; other modules add to every page of it."""
