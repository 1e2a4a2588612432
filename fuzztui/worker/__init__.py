"""The worker process: loads the target, answers the ping, serves calls, exits with 0 or 70.

Modules imported here are loaded before the import hook is in place and so stay uninstrumented: import sparingly, and
nothing that a target is likely to test.
"""
