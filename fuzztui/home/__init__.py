"""The project at a glance: its targets, what earlier runs of them have left, and what to fuzz next."""
