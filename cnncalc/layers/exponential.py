"""Activation functions with exponentials, logarithms or erf."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from cnncalc.layers.base import Cost
from cnncalc.layers.pointwise import AbstractFunction
from cnncalc.layers.protocols import Number
from cnncalc.volume import Volume

if TYPE_CHECKING:
    pass


@final
class Elu(AbstractFunction):
    """x where x > 0, else e^x - 1: 1 comparison, 1 function and 1 addition a value.

    Source: Clevert et al. 2015 (arXiv:1511.07289), with its alpha at 1.
    """

    tag = "elu"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(additions=1, comparisons=1, functions=1)

    def on_number(self, x: Number) -> Number:
        return x.if_positive(x, x.exp() - 1)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "ELU"


@final
class Gelu(AbstractFunction):
    """x/2 · (1 + erf(x/√2)): 3 multiplications, 1 addition and 1 function a value.

    Source: Hendrycks and Gimpel 2016 (arXiv:1606.08415), the exact form.
    """

    tag = "gelu"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(multiplications=3, additions=1, functions=1)

    def on_number(self, x: Number) -> Number:
        return 0.5 * x * (1 + (math.sqrt(0.5) * x).erf())

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "GELU"


@final
class Sigmoid(AbstractFunction):
    """1/(1 + e^-x): 1 function, 1 addition and 1 division a value.

    Source: Rumelhart et al. 1986, "Learning Representations by Back-Propagating Errors".
    """

    tag = "sigmoid"
    family = "activation"
    aliases = ("Logistic",)

    def per_value(self) -> Cost:
        return Cost(additions=1, divisions=1, functions=1)

    def on_number(self, x: Number) -> Number:
        return 1 / (1 + (-x).exp())

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Sigmoid"


@final
class Silu(AbstractFunction):
    """x/(1 + e^-x), also called swish: 1 function, 1 addition and 1 division a value.

    Source: Elfwing et al. 2017 (arXiv:1702.03118); Ramachandran et al. 2017 (arXiv:1710.05941).
    """

    tag = "silu"
    family = "activation"
    aliases = ("Swish",)

    def per_value(self) -> Cost:
        return Cost(additions=1, divisions=1, functions=1)

    def on_number(self, x: Number) -> Number:
        return x / (1 + (-x).exp())

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "SiLU"


@final
class Tanh(AbstractFunction):
    """The hyperbolic tangent: 1 function a value.

    Source: LeCun et al. 1998, equation 6, without its two constants.
    """

    tag = "tanh"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(functions=1)

    def on_number(self, x: Number) -> Number:
        return x.tanh()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Tanh"


@final
class Softplus(AbstractFunction):
    """log(1 + e^x): 2 functions and 1 addition a value.

    Source: Dugas et al. 2001, "Incorporating Second-Order Functional Knowledge".
    """

    tag = "softplus"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(additions=1, functions=2)

    def on_number(self, x: Number) -> Number:
        return (1 + x.exp()).log()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Softplus"


@final
class Mish(AbstractFunction):
    """x · tanh(log(1 + e^x)): 3 functions, 1 addition and 1 multiplication a value.

    Source: Misra 2019 (arXiv:1908.08681).
    """

    tag = "mish"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(multiplications=1, additions=1, functions=3)

    def on_number(self, x: Number) -> Number:
        return x * (1 + x.exp()).log().tanh()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Mish"
