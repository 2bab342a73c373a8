"""Tests of domain/kernel."""
