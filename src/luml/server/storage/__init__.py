"""Where the bytes lie: one Protocol, and a module for each kind of store."""
