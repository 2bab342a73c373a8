"""Tests of domain/arrears."""
