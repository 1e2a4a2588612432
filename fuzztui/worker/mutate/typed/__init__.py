"""Mutation of typed values: plain ones, which a spec describes (see `fuzztui.target.typed`).

`tree` makes of each node of a spec what mutates its values, `domain` puts the operators together, `leaves` takes a
value apart where comparisons guide its mutation, `cuts` leaves elements out.
"""
