"""The language in which every chapter is written."""
