"""Hypothesis tests as targets: an execution draws from a sequence of choices, which is the input.

`beyond` makes what is drawn beyond the choices, `provider` hands both out, `execution` runs a test. Nothing here is
loaded before a target is a property test: the modules import Hypothesis, as the target has it.
"""
