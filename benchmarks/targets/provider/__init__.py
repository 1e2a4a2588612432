"""Bugs behind a `FuzzedDataProvider`: each is a question of values, not of bytes."""
