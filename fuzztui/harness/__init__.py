"""Writes harnesses: reads a function's source and says how to fuzz it. Nothing is imported, nothing is run."""
