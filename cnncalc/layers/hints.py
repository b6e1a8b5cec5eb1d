"""Hints for words of other frameworks that no layer type and no setting means.

Words that mean one are in the layers' `aliases` and in SETTING_ALIASES; `errors.nearest` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from cnncalc.layers import bare_name, meant, tags_of

# Settings by their bare names, and a sentence about each.
_FOLLOWS = "Leave it out: it follows from the layer before."
_COUNTS_NOTHING = "Leave it out: it changes no volume, parameter or operation."
_SENTENCES = {
    _FOLLOWS: (
        *("infeatures", "inchannels", "inplanes", "inputdim", "inputsize", "inputshape", "nin"),
        *("inputchannels", "numinputs", "numfeatures", "numchannels", "normalizedshape", "indim"),
    ),
    _COUNTS_NOTHING: (
        *("momentum", "inplace", "dtype", "device", "seed", "trainable", "returnindices"),
        *("trackrunningstats", "kernelinitializer", "biasinitializer", "weightfiller"),
        *("biasfiller", "kernelregularizer", "biasregularizer", "activityregularizer"),
        *("kernelconstraint", "biasconstraint", "weightdecay", "noiseshape", "lrmult"),
    ),
    "Leave it out: padding is zeros, and values of another kind change no count.": (
        *("paddingmode", "padvalue", "paddingvalue"),
    ),
    "Leave it out: channels come last.": ("dataformat", "channelslast", "dimordering"),
    "Write then: [batch_norm, …].": (
        *("batchnormalize", "batchnorm", "usebatchnorm", "bn", "usebn", "norm", "normalizer"),
    ),
    "Write then: [{type: dropout, rate: …}].": ("dropout",),
    "Write rate: 1 - keep_prob.": ("keepprob", "keepprobability"),
}
_SETTINGS = {word: text for text, words in _SENTENCES.items() for word in words}
_FUNCTION = ("activation", "activationfn", "activationfunction", "act", "nonlinearity", "actlayer")

# Layer types by their bare names, and the end of a sentence about each.
_RECURRENT = "recurrent layers are outside cnncalc; analyze the part before."
_TYPES = {
    **dict.fromkeys(
        (
            *("lstm", "gru", "rnn", "simplernn", "convlstm", "bilstm", "bigru", "cudnnlstm"),
            *("lstmcell", "grucell", "rnncell", "cudnngru", "bidirectional", "recurrent"),
        ),
        f": {_RECURRENT}",
    ),
    **dict.fromkeys(("embedding", "embeddingbag", "embed"), f": embeddings and {_RECURRENT}"),
    **dict.fromkeys(
        ("maxunpool", "maxunpooling", "unpool", "unpooling"),
        ". Write upsample, with its stride as the scale: it has the same volume.",
    ),
    **dict.fromkeys(
        ("input", "inputlayer", "data"), ". The input is a key of the file: input: 224x224x3."
    ),
    **dict.fromkeys(("pooling", "pool"), ". Write max_pool or avg_pool."),
    "sequential": ". Write layers: [...] instead of a type.",
}


def type_hint(name: str, settings: Callable[[str], object]) -> str:
    """Return the hint for an unknown layer type that has no counterpart here, or nothing.

    `settings` gives the value of a setting beside it, or None.

    >>> type_hint("nn.LSTM", {}.get)
    ': recurrent layers are outside cnncalc; analyze the part before.'
    """
    bare = bare_name(name)
    if bare in _FUNCTION:
        functions = [_function(settings(word)) for word in ("activation", "function", "type")]
        return f". Write {next(filter(None, functions), 'the function itself, such as relu')}."
    return _TYPES.get(bare, "")


def setting_hint(name: str, value: object, known: Collection[str]) -> str:
    """Return the sentence of what to write for an unknown setting that no known one means.

    >>> setting_hint("activation", "ReLU", ["kernel"]), setting_hint("in_channels", 3, [])
    (' Write then: [relu].', ' Leave it out: it follows from the layer before.')
    """
    bare = bare_name(name)
    if bare in _FUNCTION:
        if not value or value in ("linear", "none", "None", "identity"):
            return " Leave it out."
        return f" Write then: [{_function(value) or '…'}]."
    if bare == "ceilmode":
        ceils = value is True and "rounding" in known
        return " Write rounding: ceil." if ceils else " Leave it out."
    text = "" if meant(name, known) else _SETTINGS.get(bare, "")
    return f" {text}" if text else ""


def _function(word: object) -> str | None:
    """Return the layer type of an activation function that another framework calls so."""
    return meant(word[:100], tags_of("activation")) if isinstance(word, str) else None
