"""Whole runs in which eight workers fail at one instant while stops of every sort arrive."""
