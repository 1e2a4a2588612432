"""What is known of a target, in the forms that other tools and people read."""
