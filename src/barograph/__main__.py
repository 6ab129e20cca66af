"""`python -m barograph`."""

from barograph.cli import main

if __name__ == "__main__":
    main()
