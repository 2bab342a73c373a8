"""§5: the registers of follow-ups, surveys and reviews."""
