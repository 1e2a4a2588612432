"""What the benchmarks fuzz: functions of one `bytes` argument that let no exception out.

Each file stands alone, so that fuzztui and its peer run the very same text. Exceptions are swallowed inside, whether
they are part of the contract or a finding: libFuzzer would stop at the first, and a run has to go on to be measured.
"""
