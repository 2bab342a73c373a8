"""Tests of domain/complaints."""
