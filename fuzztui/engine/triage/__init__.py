"""What is known of a target's crashers over all sessions, and what people have decided about them."""
