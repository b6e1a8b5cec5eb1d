"""Demonstrations of sliding windows: what a page starts with, and its numbers."""
