"""The blank sheet as comma-separated values: numbers raw, no text taken for a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import csv

if TYPE_CHECKING:
    from cnncalc.writers.worksheet import Page


def write(page: Page) -> str:
    """Return the sheet's table."""
    return csv.grid(page.heads, page.body)
