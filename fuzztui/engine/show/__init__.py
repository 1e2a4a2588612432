"""What the engine shows of itself: immutable values and printable text. Knows nothing of the rest of the engine."""
