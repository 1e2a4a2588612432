"""What workers do: jobs, the board that asks them, and the state that jobs share. Knows nothing of processes."""
