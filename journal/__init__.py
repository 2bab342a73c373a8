"""What happened: the book, its codec, its seals. The only importer of the event store library."""
