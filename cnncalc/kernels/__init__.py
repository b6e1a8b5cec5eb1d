"""NumPy kernels: they see arrays and plain numbers, never layers or formulas.

Each works on one block or tile after the other, small enough that its temporary arrays stay in
the cache; the BLAS runs matrix products on its own threads. Times beside constants are
milliseconds of CPU time on an AMD EPYC (Zen 4, 1 MiB of L2 cache a core) with one thread.
"""

from __future__ import annotations

from cnncalc.kernels.attention import AttentionWindows as AttentionWindows
from cnncalc.kernels.attention import attention as attention
from cnncalc.kernels.attention import thirds as thirds
from cnncalc.kernels.convolution import convolve as convolve
from cnncalc.kernels.convolution import convolve_connected as convolve_connected
from cnncalc.kernels.counting import count as count
from cnncalc.kernels.counting import record_between as record_between
from cnncalc.kernels.dense import linear as linear
from cnncalc.kernels.dense import locally_connected as locally_connected
from cnncalc.kernels.dense import matrix_product as matrix_product
from cnncalc.kernels.dense import maxout as maxout
from cnncalc.kernels.dense import squared_distances as squared_distances
from cnncalc.kernels.depthwise import convolve_depthwise as convolve_depthwise
from cnncalc.kernels.elementwise import add as add
from cnncalc.kernels.elementwise import average as average
from cnncalc.kernels.elementwise import clip as clip
from cnncalc.kernels.elementwise import concatenate as concatenate
from cnncalc.kernels.elementwise import divide as divide
from cnncalc.kernels.elementwise import elu as elu
from cnncalc.kernels.elementwise import function as function
from cnncalc.kernels.elementwise import gelu as gelu
from cnncalc.kernels.elementwise import hardsigmoid as hardsigmoid
from cnncalc.kernels.elementwise import hardswish as hardswish
from cnncalc.kernels.elementwise import leaky_relu as leaky_relu
from cnncalc.kernels.elementwise import maximum as maximum
from cnncalc.kernels.elementwise import minimum as minimum
from cnncalc.kernels.elementwise import mish as mish
from cnncalc.kernels.elementwise import multiply as multiply
from cnncalc.kernels.elementwise import overwriting as overwriting
from cnncalc.kernels.elementwise import relu as relu
from cnncalc.kernels.elementwise import rescale as rescale
from cnncalc.kernels.elementwise import scale as scale
from cnncalc.kernels.elementwise import sigmoid as sigmoid
from cnncalc.kernels.elementwise import silu as silu
from cnncalc.kernels.elementwise import softmax as softmax
from cnncalc.kernels.elementwise import softplus as softplus
from cnncalc.kernels.elementwise import subtract as subtract
from cnncalc.kernels.elementwise import tanh as tanh
from cnncalc.kernels.normalization import batch_norm as batch_norm
from cnncalc.kernels.normalization import l2_normalize as l2_normalize
from cnncalc.kernels.normalization import lrn as lrn
from cnncalc.kernels.normalization import normalize as normalize
from cnncalc.kernels.normalization import rms_normalize as rms_normalize
from cnncalc.kernels.pooling import adaptive_average_pool as adaptive_average_pool
from cnncalc.kernels.pooling import adaptive_max_pool as adaptive_max_pool
from cnncalc.kernels.pooling import average_pool as average_pool
from cnncalc.kernels.pooling import max_pool as max_pool
from cnncalc.kernels.reduction import reduce as reduce
from cnncalc.kernels.resample import channel_shuffle as channel_shuffle
from cnncalc.kernels.resample import crop as crop
from cnncalc.kernels.resample import linear_interpolation as linear_interpolation
from cnncalc.kernels.resample import nearest as nearest
from cnncalc.kernels.resample import pad as pad
from cnncalc.kernels.resample import part as part
from cnncalc.kernels.resample import pixel_shuffle as pixel_shuffle
from cnncalc.kernels.resample import pixel_unshuffle as pixel_unshuffle
from cnncalc.kernels.resample import rearrange as rearrange
from cnncalc.kernels.resample import repeat as repeat
from cnncalc.kernels.transposed import convolve_transposed as convolve_transposed
from cnncalc.kernels.windows import output_extents as output_extents
