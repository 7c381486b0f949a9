"""``python -m gigneo``: the same as the command ``gigneo``."""

from gigneo.core.cli.main import main

if __name__ == "__main__":
    main()
