"""The worker as a process: its channel, limits, clock and copies, and what it keeps from the target's reach."""
