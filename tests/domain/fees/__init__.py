"""Tests of domain/fees."""
