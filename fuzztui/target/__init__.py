"""What a user writes, how it is found and loaded, and how its arguments are stored."""
