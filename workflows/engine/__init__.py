"""Commands handled in one transaction, policies at work, the clock, notices."""
