"""Tests of domain/residents."""
