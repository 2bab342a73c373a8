"""The measured duties, chapter by chapter, with the settings they rest on."""
