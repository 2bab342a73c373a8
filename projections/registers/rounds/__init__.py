"""§1, §2: the registers of daily work."""
