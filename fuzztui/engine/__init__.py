"""The engine: everything that runs in the coordinator's process, and no user interface.

Front ends enter by `fuzztui.engine.session.Session` and see only the values of `snapshot`, `events` and `options`.
"""
