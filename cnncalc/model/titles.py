"""Titles of networks: the name, with the variant that was taken."""

from __future__ import annotations

import re


def title(name: str, variant: str | None, family: str | None) -> str:
    """Return a network's name, its variant, and the file that has several of them.

    A variant that begins with the name, as those of shipped files do, goes on from it.

    >>> title("VGG", "vgg16_bn", "vgg"), title("SqueezeNet", "squeezenet1_0", "squeezenet")
    ('VGG-16 bn, of vgg', 'SqueezeNet-1.0, of squeezenet')
    >>> title("MobileNet v3", "mobilenet_v3_small", "mobilenet_v3")
    'MobileNet v3 small, of mobilenet_v3'
    >>> title("ResNet", "wide_resnet50_2", "resnet"), title("ZFNet", "zfnet", "zfnet")
    ('ResNet (wide_resnet50_2), of resnet', 'ZFNet')
    """
    if variant is None:
        return name
    rest = _rest(name, variant)
    if rest is None:
        name = f"{name} ({variant})"
    else:
        words = re.sub(r"(?<=\d)_(?=\d)", ".", rest).replace("_", " ").strip()
        name += f"{'-' if rest[:1].isdigit() else ' '}{words}" * bool(words)
    return f"{name}, of {family}" if family and family != variant else name


def _rest(name: str, variant: str) -> str | None:
    """Return the rest of a variant behind the letters and digits of a name; None without them."""
    letters = [letter for letter in name.casefold() if letter.isalnum()]
    at = 0
    for letter in letters:
        while at < len(variant) and not variant[at].isalnum():
            at += 1
        if variant[at : at + 1].casefold() != letter:
            return None
        at += 1
    return variant[at:] if letters else None
