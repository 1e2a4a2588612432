"""The processes that are measured. Each prints one line of JSON.

What fuzzes or calls a target imports as little as it can before: a module that is loaded by then stays bare.
"""
