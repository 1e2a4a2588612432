"""Functions of one `bytes` argument with a bug in each: they raise `PlantedError` for it and nothing for anything else.

Each file stands alone, so that fuzztui and its peer run the very same text and stop at the very same thing. The first
ones are written around their bug; the last ones wrap a released library in which it was found. There are no seeds: a
search begins with nothing.
"""
