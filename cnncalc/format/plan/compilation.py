"""From an Architecture to its Plan: everything that is wrong and needs no volumes, at once."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cnncalc.errors import did_you_mean, received
from cnncalc.format import expressions
from cnncalc.format.architecture import Architecture, Block, Element
from cnncalc.format.messages import path_text
from cnncalc.format.plan import (
    BlockPlan,
    ElementPlan,
    KnownNames,
    LayerDefaults,
    Path,
    Plan,
    PlannedValue,
    Site,
)
from cnncalc.format.plan.blocks import SHIPPED_BLOCKS
from cnncalc.format.plan.elements import ElementCompiler
from cnncalc.format.plan.naming import numbered, numbered_within
from cnncalc.format.plan.setting_words import field_words
from cnncalc.layers import TYPES, layer_type, meant

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree


# What `expect` may state of a network: its totals by their names, and facts of its layers.
EXPECTED = (
    *("parameters", "weights", "biases", "other", "buffers"),
    *("macs", "flops", "activations", "peak_activations", "layers"),
)


class Compiler(ElementCompiler):
    """Makes a Plan, collecting every problem on the way."""

    def run(self) -> Plan:
        """Return the plan. Raises: ArchitectureError with every problem."""
        architecture = self.architecture
        parameters, names = self.parameters(architecture.parameters, ("parameters",), KnownNames())
        inside = names.plus(["channels", "input.channels"])
        self._compile_defaults(inside)
        blocks = {}
        for name, block in architecture.blocks.items():
            self._check_block_name(name)
            blocks[name] = self.block(name, block, names)
        elements = numbered(self.sequence(architecture.layers, ("layers",), inside))
        variants = self._variants(parameters, names)
        self._check_expect()
        input_ = PlannedValue(path=("input",), constant=architecture.input)
        if not isinstance(architecture.input, (str, int)):
            input_ = self.value(architecture.input, Site(("input",), names, "input"))
        self._refuse_keys()
        self.refuse()
        return Plan(
            architecture=architecture,
            tree=self.tree,
            elements=elements,
            blocks=blocks,
            parameters=parameters,
            variants=variants,
            defaults=self.defaults,
            input=input_,
            words=self.words,
            shares=self.shares,
            notes=tuple(self.notes),
        )

    def _refuse_keys(self) -> None:
        """Note how elements are written, where a layer type is their key: once for all of them."""
        for site in self.keyed[:1]:
            key = str(site.path[-1])
            more = f", and {len(self.keyed) - 1:,} more like it" if len(self.keyed) > 1 else ""
            message = f"write {{type: {meant(key, self.words)}, …}}. "
            message += f"Received {received(key)} as a key{more}."
            self.problem("element", message, site.path, "layer", key=True)

    def _compile_defaults(self, names: KnownNames) -> None:
        """Compile `defaults`: the settings of all types first, as the elements of `then` take them.

        They see the file's parameters.
        """
        for word, raw in self.architecture.defaults.items():
            path: Path = ("defaults", word)
            if word in TYPES:
                self.defaults[word] = LayerDefaults(settings=self._defaults(word, raw, names))
                continue
            message = f"defaults are for layer types. Received {received(word)}."
            message += did_you_mean(word, TYPES)
            self.problem("defaults", message, path, key=True)
        for word, own in self.defaults.items():
            if "then" in self.architecture.defaults[word]:
                raw_then = self.architecture.defaults[word]["then"]
                then = self._default_then(raw_then, ("defaults", word, "then"), names)
                self.defaults[word] = own._replace(then=then)

    def _defaults(
        self, word: str, raw: dict[str, Any], names: KnownNames
    ) -> dict[str, PlannedValue]:
        """Return the settings that `defaults` gives to a layer type."""
        cls = layer_type(word)
        settings = {}
        for key, value in raw.items():
            path = ("defaults", word, key)
            if key in cls.model_fields:
                site = Site(path, names, path_text(path))
                settings[key] = self.value(value, site, field_words(cls, key))
            elif key != "then":
                known = [*cls.model_fields, "then"]
                site = Site(path, names, f"defaults of {word}")
                self._unknown_field(key, value, known, site)
        return settings

    def _default_then(self, raw: Any, path: Path, names: KnownNames) -> tuple[ElementPlan, ...]:
        try:
            holder = Element.model_validate({"type": "identity", "then": raw})
        except ValidationError:
            self.problem("then", "'then' is a list of elements.", path)
            return ()
        return numbered(self.sequence(holder.then or [], path, names))

    def _check_block_name(self, name: str) -> None:
        taken = {*expressions.RESERVED, *expressions.SPECIAL, *expressions.FUNCTIONS}
        taken |= {*TYPES, *SHIPPED_BLOCKS}
        if not expressions.NAME.fullmatch(name) or name in taken:
            message = "a block's name is letters, digits and _, and not taken. "
            message += f"Received {received(name)}."
            self.problem("name", message, ("blocks", name), key=True)

    def block(self, name: str, block: Block, names: KnownNames) -> BlockPlan:
        """Return a block; it sees its own parameters and the file's."""
        path: Path = ("blocks", name)
        parameters, inside = self.parameters(
            block.parameters,
            (*path, "parameters"),
            names.plus(["channels", "input.channels"]),
        )
        has_branches = block.branches is not None
        if (block.layers is None) != has_branches or (block.merge is not None) != has_branches:
            message = "a block has either layers, or branches and merge."
            self.problem("block", message, path, f"block {name}")
        # The body is not validated again: its parts are.
        body = (
            Element.model_construct(branches=block.branches, merge=block.merge)
            if has_branches
            else Element.model_construct(layers=block.layers or [])
        )
        plan = numbered_within(self.element(body, path, inside))
        return BlockPlan(name=name, parameters=parameters, body=plan, shipped=self.shipped)

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
        self, parameters: Collection[str], names: KnownNames
    ) -> dict[str, dict[str, PlannedValue]]:
        """Return the parameters that each variant gives."""
        variants: dict[str, dict[str, PlannedValue]] = {}
        for name, settings in self.architecture.variants.items():
            variants[name] = {}
            for key, raw in settings.items():
                path = ("variants", name, key)
                if key not in parameters:
                    message = f"unknown parameter {key!r}.{did_you_mean(key, parameters)}"
                    self.problem("variant", message, path, f"variant {name}", key=True)
                variants[name][key] = self.value_or_table(raw, Site(path, names, path_text(path)))
        return variants


@cache
def shipped_block(name: str) -> BlockPlan:
    """Return a block that every file can use; it takes nothing from the file."""
    compiler = Compiler(Architecture(name=name, input=1, layers=["identity"]), None)
    compiler.shipped = True
    return compiler.block(name, Block.model_validate(SHIPPED_BLOCKS[name]), KnownNames())


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
