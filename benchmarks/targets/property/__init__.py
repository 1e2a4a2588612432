"""Property tests with a planted bug each, as users write them for Hypothesis.

A test fails with `AssertionError` for what it is about. None imports anything of fuzztui's.
"""
