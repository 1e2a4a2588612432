"""One run from its beginning to its conclusion, and what it publishes."""
