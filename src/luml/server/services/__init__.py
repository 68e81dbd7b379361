"""What the registry does, one file a noun."""
