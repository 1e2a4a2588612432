"""How fast fuzztui is, measured beside its peer in one run on one machine: `python -m benchmarks`.

Every figure comes from processes of its own, one at a time, each bounded in time. Rates on different machines, or in
different runs on a busy one, say little; ratios within a run do.
"""
