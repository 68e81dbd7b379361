"""What a transfer is, decided without I/O: parts, ledgers and the bodies that stores expect."""
