"""What may be asked over HTTP."""
