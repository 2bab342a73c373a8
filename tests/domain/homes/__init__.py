"""Tests of domain/homes."""
