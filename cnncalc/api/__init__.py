"""The library's functions, which the commands call: a network in, a result out.

Results print as text, and have `to(format)` and `save(file)`; whatever is wrong with an argument
is a CnncalcError, whose `problems` say what.
"""

from __future__ import annotations

from cnncalc.api.figures import reconcile as reconcile
from cnncalc.api.figures import solve as solve
from cnncalc.api.homework import check as check
from cnncalc.api.homework import grade as grade
from cnncalc.api.homework import key as key
from cnncalc.api.homework import quiz as quiz
from cnncalc.api.homework import worksheet as worksheet
from cnncalc.api.reports import analyze as analyze
from cnncalc.api.reports import diff as diff
from cnncalc.api.reports import draw as draw
from cnncalc.api.reports import explain as explain
from cnncalc.api.reports import layer_types as layer_types
from cnncalc.api.reports import networks as networks
from cnncalc.api.reports import summarize as summarize
from cnncalc.api.reports import verify as verify
from cnncalc.api.sources import expand as expand
from cnncalc.api.sources import load as load
from cnncalc.api.sources import new as new
from cnncalc.api.sources import show as show
from cnncalc.api.values import apply as apply
from cnncalc.api.values import demo as demo
