"""Sequences of choices: what a property test draws, and so the input of one.

`form` has their form in files; `value` is one as a process has it that has not loaded the test.
"""
