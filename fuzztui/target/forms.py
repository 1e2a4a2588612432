"""The ways in which a target can be written."""

from enum import Enum


class Form(Enum):
    """How a target is written."""

    NAME = "fuzz_*"
    """A function whose name says so."""
    DECORATOR = "@fuzz"
    SETUP = "F"
    """A function that takes an `F`, and names the target itself."""
    ATHERIS = "atheris"
    """A program that gives a function to `atheris.Setup`, and calls `atheris.Fuzz`."""
    CPYTHON = "FuzzerRunOne"
    """A file that defines `FuzzerRunOne`, as those do that fuzz the standard library at OSS-Fuzz."""
    AFL = "afl"
    """A program that reads one input from its standard input, behind `afl.init()` or in `while afl.loop():`."""
    PYTHONFUZZ = "pythonfuzz"
    """A program that calls a function which `@PythonFuzz` decorates."""
    NAMED = "package.module:function"
    """Any function, method or class of a module, by its name."""
    PROPERTY = "@given"
    """A property test, or a state machine of Hypothesis, that takes nothing but what it draws."""
    HOSTED = "pytest"
    """A property test that pytest has to set up."""

    @property
    def is_program(self) -> bool:
        """Whether the target is a whole file that is executed, and named after it; it takes an input's bytes."""
        return self in (Form.ATHERIS, Form.CPYTHON, Form.AFL, Form.PYTHONFUZZ)

    @property
    def is_property(self) -> bool:
        """Whether the target is a test of Hypothesis, whose input is what it draws."""
        return self in (Form.PROPERTY, Form.HOSTED)
