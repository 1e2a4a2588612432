"""Runs without a dashboard: plain lines for people, JSON Lines for programs, and the streams that both go to."""
