"""§5 Opinions and follow-up visits 意见征求与回访."""
