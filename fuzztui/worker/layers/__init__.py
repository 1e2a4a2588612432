"""Forms within an input: what a program decodes out of a part of it, such as base64, percent signs or zlib.

Nothing is guessed: a traced run shows what goes into such a function and what comes out (`observing`). Where what went
in stands in the input, what came out is a layer of it (`parts`), on which guidance and mutation work as on an argument
of its own; what they make of it is encoded and put back (`codecs`).
"""
