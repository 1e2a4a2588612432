"""What a run is asked to do, and of what: values."""
