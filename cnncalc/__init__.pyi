"""The public names, with their types. Written by tools/derive.py."""

from cnncalc.api import analyze as analyze
from cnncalc.api import apply as apply
from cnncalc.api import check as check
from cnncalc.api import demo as demo
from cnncalc.api import diff as diff
from cnncalc.api import draw as draw
from cnncalc.api import explain as explain
from cnncalc.api import grade as grade
from cnncalc.api import layer_types as layer_types
from cnncalc.api import load as load
from cnncalc.api import networks as networks
from cnncalc.api import new as new
from cnncalc.api import quiz as quiz
from cnncalc.api import reconcile as reconcile
from cnncalc.api import show as show
from cnncalc.api import solve as solve
from cnncalc.api import summarize as summarize
from cnncalc.api import verify as verify
from cnncalc.api import worksheet as worksheet
from cnncalc.errors import CnncalcError as CnncalcError
from cnncalc.format.architecture import Architecture as Architecture
from cnncalc.format.architecture import Element as Element
from cnncalc.layers.activation import Hardsigmoid as Hardsigmoid
from cnncalc.layers.activation import Hardswish as Hardswish
from cnncalc.layers.activation import LeakyRelu as LeakyRelu
from cnncalc.layers.activation import Prelu as Prelu
from cnncalc.layers.activation import Relu as Relu
from cnncalc.layers.activation import Relu6 as Relu6
from cnncalc.layers.adaptive import AdaptiveAvgPool as AdaptiveAvgPool
from cnncalc.layers.adaptive import AdaptiveMaxPool as AdaptiveMaxPool
from cnncalc.layers.adaptive import GlobalAvgPool as GlobalAvgPool
from cnncalc.layers.adaptive import GlobalMaxPool as GlobalMaxPool
from cnncalc.layers.attention import Attention as Attention
from cnncalc.layers.channel_norm import L2Norm as L2Norm
from cnncalc.layers.channel_norm import Lrn as Lrn
from cnncalc.layers.convolution import Conv as Conv
from cnncalc.layers.dense import Fc as Fc
from cnncalc.layers.dense import Linear as Linear
from cnncalc.layers.depthwise import DepthwiseConv as DepthwiseConv
from cnncalc.layers.depthwise import SeparableConv as SeparableConv
from cnncalc.layers.dropout import Dropout as Dropout
from cnncalc.layers.dropout import DropPath as DropPath
from cnncalc.layers.exponential import Elu as Elu
from cnncalc.layers.exponential import Gelu as Gelu
from cnncalc.layers.exponential import Mish as Mish
from cnncalc.layers.exponential import Sigmoid as Sigmoid
from cnncalc.layers.exponential import Silu as Silu
from cnncalc.layers.exponential import Softplus as Softplus
from cnncalc.layers.exponential import Tanh as Tanh
from cnncalc.layers.functions import Function as Function
from cnncalc.layers.grouped_norm import GroupNorm as GroupNorm
from cnncalc.layers.grouped_norm import InstanceNorm as InstanceNorm
from cnncalc.layers.grouped_norm import LayerNorm as LayerNorm
from cnncalc.layers.grouped_norm import RmsNorm as RmsNorm
from cnncalc.layers.learned import Learned as Learned
from cnncalc.layers.local import Local as Local
from cnncalc.layers.merge import Add as Add
from cnncalc.layers.merge import Average as Average
from cnncalc.layers.merge import Concat as Concat
from cnncalc.layers.merge import Divide as Divide
from cnncalc.layers.merge import Maximum as Maximum
from cnncalc.layers.merge import Minimum as Minimum
from cnncalc.layers.merge import Multiply as Multiply
from cnncalc.layers.merge import Subtract as Subtract
from cnncalc.layers.nonlinear_units import Maxout as Maxout
from cnncalc.layers.nonlinear_units import Rbf as Rbf
from cnncalc.layers.normalization import BatchNorm as BatchNorm
from cnncalc.layers.padding import Crop as Crop
from cnncalc.layers.padding import Pad as Pad
from cnncalc.layers.padding import Slice as Slice
from cnncalc.layers.pooling import AvgPool as AvgPool
from cnncalc.layers.pooling import MaxPool as MaxPool
from cnncalc.layers.products import Matmul as Matmul
from cnncalc.layers.rearranging import Rearrange as Rearrange
from cnncalc.layers.reduction import Reduce as Reduce
from cnncalc.layers.resampling import PixelShuffle as PixelShuffle
from cnncalc.layers.resampling import PixelUnshuffle as PixelUnshuffle
from cnncalc.layers.resampling import Upsample as Upsample
from cnncalc.layers.reshape import ChannelShuffle as ChannelShuffle
from cnncalc.layers.reshape import Flatten as Flatten
from cnncalc.layers.reshape import Identity as Identity
from cnncalc.layers.reshape import Reshape as Reshape
from cnncalc.layers.scaling import Rescale as Rescale
from cnncalc.layers.scaling import Scale as Scale
from cnncalc.layers.softmax import Softmax as Softmax
from cnncalc.layers.transposed import ConvTranspose as ConvTranspose
from cnncalc.model.report import Report as Report
from cnncalc.volume import Volume as Volume

__version__: str
PUBLIC: dict[str, str]
__all__ = [
    "Architecture",
    "CnncalcError",
    "Element",
    "Report",
    "Volume",
    "__version__",
    "analyze",
    "apply",
    "check",
    "demo",
    "diff",
    "draw",
    "explain",
    "grade",
    "layer_types",
    "load",
    "networks",
    "new",
    "quiz",
    "reconcile",
    "show",
    "solve",
    "summarize",
    "verify",
    "worksheet",
]
