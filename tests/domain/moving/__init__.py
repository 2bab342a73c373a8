"""Tests of domain/moving."""
