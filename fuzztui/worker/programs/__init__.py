"""Programs that are written for other fuzzers, run as they are."""
