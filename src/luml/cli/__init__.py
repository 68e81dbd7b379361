"""The command line: ``luml``."""
