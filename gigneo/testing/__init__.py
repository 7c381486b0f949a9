"""What the project's own tests use, and module authors may use too."""
