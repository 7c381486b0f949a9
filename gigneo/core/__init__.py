"""The kernel: it knows modules, hooks, people and data, and nothing of orders or money."""
