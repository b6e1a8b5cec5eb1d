"""From an Architecture to its Plan: everything that is wrong and needs no volumes, at once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cnncalc.errors import did_you_mean, received
from cnncalc.format import expressions
from cnncalc.format.architecture import Architecture, Block, Element
from cnncalc.format.plan import BlockPlan, Defaults, Given, Item, Names, Path, Plan
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.elements import Elements
from cnncalc.format.plan.naming import number_names
from cnncalc.format.plan.setting_words import field_words
from cnncalc.format.pydantic_messages import path_text
from cnncalc.layers import TYPES, layer_type

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree


# What `expect` may state of a network: its totals by their names, and facts of its layers.
EXPECTED = ("parameters", "weights", "biases", "other", "buffers", "macs", "flops", "activations",
            "peak_activations", "layers")  # fmt: skip


class Compiler(Elements):
    """Makes a Plan, collecting every problem on the way."""

    def __init__(self, architecture: Architecture, tree: Tree | None) -> None:
        super().__init__(architecture, tree)
        self.blocks: dict[str, BlockPlan] = {}

    def compile_defaults(self, names: Names) -> None:
        """Read `defaults`; their `then` sees the file's parameters."""
        for word, settings in self.architecture.defaults.items():
            path: Path = ("defaults", word)
            if word not in TYPES:
                hint = did_you_mean(word, TYPES)
                self.problem(
                    "defaults",
                    f"defaults are for layer types. Received {received(word)}.{hint}",
                    path,
                    key=True,
                )
                continue
            cls = layer_type(word)
            given = {}
            for key, raw in settings.items():
                here = (*path, key)
                if key == "then":
                    continue
                if key not in cls.model_fields:
                    self.problem(
                        "unknown_field",
                        f"unknown field {key!r}.{self._hint(key, [*cls.model_fields, 'then'])}",
                        here,
                        f"defaults of {word}",
                        key=True,
                    )
                    continue
                given[key] = self.given(raw, here, names, path_text(here), field_words(cls, key))
            self.defaults[word] = Defaults(given, None)
        for word, settings in self.architecture.defaults.items():
            if word in self.defaults and "then" in settings:
                then = self._default_then(settings["then"], ("defaults", word, "then"), names)
                self.defaults[word] = self.defaults[word]._replace(then=then)
        for word in list(self.defaults):
            if word not in self.architecture.defaults:
                del self.defaults[word]  # worked out before every `then` was known
            else:
                self.defaults[word] = self.defaults.inherited(word, self.defaults[word])

    def _default_then(self, raw: Any, path: Path, names: Names) -> list[Item]:
        try:
            holder = Element.model_validate({"type": "identity", "then": raw})
        except ValidationError:
            self.problem("then", "'then' is a list of elements.", path)
            return []
        return self.sequence(holder.then or [], path, names, scope=True)

    def compile_block(self, name: str, block: Block, names: Names, path: Path) -> BlockPlan:
        """Return a block, its body as one item; a block sees its own parameters and the file's."""
        given, inner = self.parameters(
            block.parameters, (*path, "parameters"), names.plus(["channels", "input.channels"])
        )
        if (block.layers is None) == (block.branches is None) or (
            (block.merge is not None) != (block.branches is not None)
        ):
            self.problem(
                "block",
                "a block has either layers, or branches and merge.",
                path,
                f"block {name}",
            )
        body = self.element(
            Element.model_construct(
                layers=block.layers if block.branches is None else None,
                branches=block.branches,
                merge=block.merge if block.branches is not None else None,
            )
            if block.layers is not None or block.branches is not None
            else Element(layers=[]),
            path,
            inner,
        )
        number_names([body], inside=True)
        return BlockPlan(name, given, body, self.shipped)

    def run(self) -> Plan:
        """Return the plan. Raises: ArchitectureError with every problem."""
        architecture = self.architecture
        parameters, names = self.parameters(
            architecture.parameters, ("parameters",), Names(frozenset())
        )
        inside = names.plus(["channels", "input.channels"])
        self.compile_defaults(inside)
        for name, block in architecture.blocks.items():
            path: Path = ("blocks", name)
            if not expressions.NAME.fullmatch(name) or name in expressions.RESERVED | {
                *expressions.SPECIAL, *expressions.FUNCTIONS, *TYPES, *SHIPPED_BLOCKS,
            }:  # fmt: skip
                self.problem(
                    "name",
                    "a block's name is letters, digits and _, and not taken. "
                    f"Received {received(name)}.",
                    path,
                    key=True,
                )
            self.blocks[name] = self.compile_block(name, block, names, path)
        items = self.sequence(architecture.layers, ("layers",), inside, scope=True)
        variants = self._variants(parameters, names)
        self._check_expect()
        raw_input = architecture.input
        path = ("input",)
        if isinstance(raw_input, (str, int)):
            given_input = Given(raw_input, None, path)
        else:
            given_input = self.given(raw_input, path, names, "input")
        self.refuse()
        return Plan(
            architecture, self.tree, items, self.blocks, parameters, variants,
            self.defaults,
            given_input, self.words, tuple(self.notes),
        )  # fmt: skip

    def _check_expect(self) -> None:
        """Check the form of `expect`: numbers by name, or by variant."""
        expect, variants = self.architecture.expect, self.architecture.variants
        by_variant = bool(variants) and any(key in variants for key in expect)
        for key, value in expect.items():
            path: Path = ("expect", key)
            if by_variant and key not in variants:
                hint = did_you_mean(key, variants)
                self.problem("expect", f"no variant {key!r}.{hint}", path, "expect", key=True)
            elif by_variant and isinstance(value, dict):
                self._check_expected(value, path)
            elif by_variant:
                self.problem("expect", "a variant's numbers are a mapping.", path, "expect")
        if not by_variant:
            self._check_expected(expect, ("expect",))

    def _check_expected(self, expected: dict[str, Any], path: Path) -> None:
        for key, value in expected.items():
            here = (*path, key)
            if key not in EXPECTED:
                hint = did_you_mean(key, EXPECTED)
                message = f"unknown field {key!r}.{hint} It is one of {', '.join(EXPECTED)}."
                self.problem("expect", message, here, "expect", key=True)
            elif key == "layers":
                if not isinstance(value, dict) or not all(
                    isinstance(facts, dict) for facts in value.values()
                ):
                    self.problem("expect", "layers has a mapping for each path.", here, "expect")
            elif type(value) is not int:
                message = f"{key} must be a whole number. Received {received(value)}."
                self.problem("expect", message, here, "expect")

    def _variants(
        self, parameters: dict[str, Given | None], names: Names
    ) -> dict[str, dict[str, Given]]:
        result = {}
        for name, settings in self.architecture.variants.items():
            given = {}
            for key, raw in settings.items():
                path = ("variants", name, key)
                if key not in parameters:
                    self.problem(
                        "variant",
                        f"unknown parameter {key!r}.{did_you_mean(key, parameters)}",
                        path,
                        f"variant {name}",
                        key=True,
                    )
                given[key] = self.table_or_given(raw, path, names)
            result[name] = given
        return result


@cache
def shipped_block(name: str) -> BlockPlan:
    """Return a block that every file can use; it takes nothing from the file."""
    holder = Architecture(name=name, input=1, layers=["identity"])
    compiler = Compiler(holder, None)
    compiler.shipped = True
    block = Block.model_validate(SHIPPED_BLOCKS[name])
    return compiler.compile_block(name, block, Names(frozenset()), ("blocks", name))


def compile(architecture: Architecture, tree: Tree | None = None) -> Plan:
    """Return the plan of an architecture.

    Raises: ArchitectureError with every problem of structure, names and syntax.
    """
    return Compiler(architecture, tree).run()


def plan_of(architecture: Architecture) -> Plan:
    """Return the plan of an architecture, compiled once.

    Raises: ArchitectureError with every problem of structure, names and syntax.
    """
    if architecture.compiled is None:
        architecture.keep(compile(architecture, architecture.tree))
    plan: Plan = architecture.compiled
    return plan
