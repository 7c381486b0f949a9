"""The command line ``gigneo``: light to start, heavy only where a command needs it."""
