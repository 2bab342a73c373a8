"""The forms people hold, chapter by chapter."""
