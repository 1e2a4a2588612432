"""`python -m fuzztui`."""

from fuzztui.cli import main

if __name__ == "__main__":
    main()
