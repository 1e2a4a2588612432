"""Looks at what the target compares, and suggests inputs that compare otherwise."""
