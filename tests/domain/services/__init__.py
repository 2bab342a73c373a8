"""Tests of domain/services."""
