"""Diagnoses of a run that goes on: a pure function each, over the same small value of figures."""
