"""What there is to cover in a module, and what executions have covered of it."""
