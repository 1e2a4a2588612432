"""Workers: places at work, the processes in them, and what a process's end means."""
