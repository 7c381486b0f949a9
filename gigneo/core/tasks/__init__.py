"""Everything that happens later: deliveries of facts, timers, work that comes back. One table, one loop."""
