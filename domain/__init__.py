"""What the handbook says: pure, without input or output, clock or framework."""
