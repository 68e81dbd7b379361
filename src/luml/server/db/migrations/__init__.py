"""Schema revisions and how they are applied."""
