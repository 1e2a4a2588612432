"""Several targets in one run, each with a session of its own."""
