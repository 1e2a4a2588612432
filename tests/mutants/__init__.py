"""Breaks the code on purpose, in a copy of the tree, and sees whether the nearest tests notice.

`python -m tests.mutants` tries every break of every module here that has a list `BREAKS`; names of breaks, or of
modules, try only those. No part of the test suite: a break takes as long as its tests.
"""
