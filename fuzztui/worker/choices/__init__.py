"""What an executor does beside all else where its target is a property test: drawing, and dividing the time."""
