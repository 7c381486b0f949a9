"""Data: model bases, units of work, tasks, migrations."""
