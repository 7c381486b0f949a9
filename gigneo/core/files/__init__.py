"""Files that people send: one storage port, rows that know who owns them, downloads that are safe to open."""
