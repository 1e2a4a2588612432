"""Sessions that outlive their terminal: what a run tells can be looked at again, or from elsewhere."""
