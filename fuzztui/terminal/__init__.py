"""What a terminal can do and is left as, its clipboard, and how little is written to it."""
