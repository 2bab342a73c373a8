"""The documents: what is generated (``python -m docs.generate``) and what is written by hand."""
