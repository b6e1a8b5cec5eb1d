"""The proof: run the network in NumPy and compare every layer with its own rules."""

from __future__ import annotations

from cnncalc.verification.result import Interrupted as Interrupted
from cnncalc.verification.result import Verification as Verification
from cnncalc.verification.result import verify as verify
from cnncalc.verification.run import Finding as Finding
