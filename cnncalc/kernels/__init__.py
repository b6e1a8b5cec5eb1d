"""NumPy primitives: they see arrays and plain numbers, never layers or formulas."""

from __future__ import annotations

from cnncalc.kernels.elementwise import add as add
from cnncalc.kernels.elementwise import clip as clip
from cnncalc.kernels.elementwise import concatenate as concatenate
from cnncalc.kernels.elementwise import elu as elu
from cnncalc.kernels.elementwise import gelu as gelu
from cnncalc.kernels.elementwise import hardsigmoid as hardsigmoid
from cnncalc.kernels.elementwise import hardswish as hardswish
from cnncalc.kernels.elementwise import leaky_relu as leaky_relu
from cnncalc.kernels.elementwise import mish as mish
from cnncalc.kernels.elementwise import multiply as multiply
from cnncalc.kernels.elementwise import relu as relu
from cnncalc.kernels.elementwise import scale as scale
from cnncalc.kernels.elementwise import sigmoid as sigmoid
from cnncalc.kernels.elementwise import silu as silu
from cnncalc.kernels.elementwise import softmax as softmax
from cnncalc.kernels.elementwise import softplus as softplus
from cnncalc.kernels.elementwise import tanh as tanh
from cnncalc.kernels.normalization import batch_norm as batch_norm
from cnncalc.kernels.normalization import l2_normalize as l2_normalize
from cnncalc.kernels.normalization import lrn as lrn
from cnncalc.kernels.normalization import normalize as normalize
from cnncalc.kernels.resample import crop as crop
from cnncalc.kernels.resample import linear_interpolation as linear_interpolation
from cnncalc.kernels.resample import nearest as nearest
from cnncalc.kernels.resample import pad as pad
from cnncalc.kernels.resample import pixel_shuffle as pixel_shuffle
from cnncalc.kernels.resample import pixel_unshuffle as pixel_unshuffle
