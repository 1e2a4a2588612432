"""What the command line can be asked for: a module for each command, and what several of them share."""
