"""Money stories, played through the running program over HTTP."""
