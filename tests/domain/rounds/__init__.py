"""Tests of domain/rounds."""
