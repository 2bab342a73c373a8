"""§5: what follows for follow-ups, surveys and reviews."""
