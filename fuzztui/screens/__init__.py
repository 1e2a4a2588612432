"""The dashboard's screens: each shows one part of a snapshot and turns keys into commands to the session."""
