"""Puts probes and comparison hooks into modules as they are imported, and takes probes out again."""
