"""Tests of domain/handbook."""
