"""The worker process: loads the target, answers the ping, serves calls, exits with 0 or 70.

What is imported here is loaded for the worker alone, see `__main__`, and each start pays for it: import sparingly.
"""
