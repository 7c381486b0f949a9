"""Modules: found without importing, ordered by what they need, loaded, checked, and switched on and off."""
