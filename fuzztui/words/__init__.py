"""Sentences and figures that the dashboard, the plain lines and the command line say alike."""
