"""A quiz: questions with keys, on networks drawn at random."""
