"""What is a failure of the target's, which failures are one bug, and what is told of each."""
