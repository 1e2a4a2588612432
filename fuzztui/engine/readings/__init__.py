"""Readings of a run, and of its sources, from which diagnoses are made."""
