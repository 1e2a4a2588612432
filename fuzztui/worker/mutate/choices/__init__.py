"""Mutation of sequences of choices: what property tests draw.

An execution that is recorded tells the constraints of each choice and the spans that belong together (`record`).
`operators` change values within their constraints, and spans as wholes; `domain` chooses among them; `apart` takes a
sequence apart where comparisons guide its mutation; `cuts` leaves spans out.
"""
