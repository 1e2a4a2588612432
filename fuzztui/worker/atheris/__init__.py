"""Runs what is written for Atheris."""
