"""What the screens are made of. A widget draws the values it is given; it never asks the engine."""
