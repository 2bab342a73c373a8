"""What follows from what, chapter by chapter."""
