"""Homework: other people's numbers, read, judged and explained."""
