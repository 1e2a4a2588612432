"""The engine: everything that runs in the coordinator's process, and no user interface.

Front ends enter by `fuzztui.engine.session.Session`. They see what a run is to do (`options`, `target`, `task`),
what may be asked of it (`questions`), and what it publishes (`show`).
"""
