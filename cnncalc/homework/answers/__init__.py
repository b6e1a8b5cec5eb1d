"""Readers of answers: a module for each form in which people write them down."""
