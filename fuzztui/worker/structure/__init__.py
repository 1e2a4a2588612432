"""What binary inputs are made of: parts with lengths and sums, taken apart, changed as wholes, and written again."""
