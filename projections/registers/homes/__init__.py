"""§3: the registers of vacant homes and keys."""
