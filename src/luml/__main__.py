"""``python -m luml`` is the command ``luml``."""

from luml.cli.main import main

if __name__ == "__main__":
    main()
