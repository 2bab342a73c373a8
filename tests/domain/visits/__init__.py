"""Tests of domain/visits."""
