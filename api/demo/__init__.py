"""A played year of one invented office."""
