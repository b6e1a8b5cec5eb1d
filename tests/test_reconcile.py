"""Reconciling: what makes a quoted figure, and what chance would. Every sum adds up."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from published_figures import POSSIBLE, PUBLISHED
from rich.console import Console

import cnncalc
from cnncalc.api import reconcile
from cnncalc.api.figures import counted_alone
from cnncalc.cli import main
from cnncalc.format import shipped
from cnncalc.model.report import Report
from cnncalc.reconciling import multiples, search
from cnncalc.reconciling.candidates import Candidates
from cnncalc.reconciling.chance import DECADE, LIKELY, Coverage
from cnncalc.reconciling.countings import COUNTINGS
from cnncalc.reconciling.search import Reconciliation
from cnncalc.reconciling.terms import Sum
from cnncalc.writers import FORMATS
from cnncalc.writers import reconciling as writer


def run(*arguments: str) -> Result:
    """Return the result of `cnncalc reconcile`, 80 columns wide."""
    return CliRunner().invoke(main, ["reconcile", *arguments], env={"COLUMNS": "80"})


@cache
def sums(quantity: str, report: Report) -> list[Sum]:
    """Return the counts of a report: many figures are of the same one."""
    return list(COUNTINGS[quantity](report))


@pytest.fixture(autouse=True)
def _count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    once = {quantity: partial(sums, quantity) for quantity in COUNTINGS}
    monkeypatch.setattr(multiples, "COUNTINGS", once)


@cache
def candidates(network: str) -> Candidates:
    """Return the candidates of a shipped network, which serve all of its figures."""
    inputs = {entry.name: entry.input for entry in shipped.index()}
    loaded = cnncalc.load(network)
    return Candidates(loaded, name=network, options={}, analyze=counted_alone, shipped=inputs)


@cache
def searched(network: str, figure: str) -> Reconciliation:
    """Return what the search finds."""
    return search.reconcile(candidates(network), figure)


def printed_sums(text: str) -> list[tuple[int, int]]:
    """Return each printed answer, and what its printed lines add up to."""
    found: list[tuple[int, int]] = []
    for line in text.split("\nNearest")[0].splitlines()[1:]:
        head = re.match(r"(\d)  *([\d,]+)  (\S.*)", line)
        part = re.match(r"  +([\d,]+)    (×|\S)", line)
        if head:
            found.append((int(head[2].replace(",", "")), 0))
            if head[3].startswith("the same, with"):
                found.pop()
        elif part:
            value, total = found[-1]
            n = int(part[1].replace(",", ""))
            found[-1] = (value, total * n if part[2] == "×" else total + n)
    return found


@pytest.mark.parametrize(("network", "figure"), PUBLISHED)
def test_published_figures(network: str, figure: str) -> None:
    """The likely origin comes first, and each printed sum adds up to a number that rounds to it."""
    value, word = PUBLISHED[network, figure]
    stream = io.StringIO()
    console = Console(file=stream, width=80, color_system=None)
    writer.content(searched(network, figure)).show(console)
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    first = re.split(r"\n2 ", text)[0]
    assert re.search(rf"^1 +{value:,}  ", first, re.MULTILINE), text
    assert word in " ".join(first.split())
    assert searched(network, figure).answers[0].possible == ((network, figure) in POSSIBLE)
    sums = printed_sums(text)
    assert sums
    assert all(value == total for value, total in sums), text


def test_every_answer_adds_up_and_fits() -> None:
    """Terms and factors make the value, which lies in the range that it was read as."""
    for network, figure in PUBLISHED:
        found = searched(network, figure)
        for answer in found.answers:
            total = sum(term.value for term in answer.sum.terms)
            for factor in answer.factors:
                total *= factor.times
            assert total == answer.value
            assert answer.values.covers(answer.value)
        assumptions = [answer.assumptions for answer in found.answers]
        assert assumptions == sorted(assumptions)
        for miss in found.near:
            assert not any(values.covers(miss.value) for values in found.figure.ranges)


def test_what_nothing_makes_has_near_misses() -> None:
    """The notes' 24M * 4 = 93MB for VGG-16 is no sum of its volumes; theirs is 61 MB."""
    result = run("vgg16", "93MB")
    assert result.exit_code == 1
    assert "No convention, resolution, batch or unit that was tried makes it." in result.output
    assert re.search(r"^0 of \d{3} sums tried fit; a random figure of this", result.output, re.M)
    assert "553,430,176  +495.1 %  vgg16, 224x224x3 (as given), parameters" in result.output


def test_the_slides_example() -> None:
    """The sum behind 727M, line by line, and the neighbours that miss it."""
    lines = [" ".join(line.split()) for line in run("alexnet", "727M").output.splitlines()]
    seen = "seen as any number of FLOPs from 726,500,000 to 727,499,999"
    assert lines[0] == f"727M for AlexNet {seen}"
    assert lines[2:8] == [
        "1 726,704,072 alexnet_two_towers, 227x227x3",
        "724,406,816 multiply-accumulates, CONV2, CONV4 and CONV5 in 2 groups",
        "659,272 + biases added, one at each output",
        "658,272 + ReLU, one for each unit of CONV1 to FC7",
        "979,712 + comparisons in 3 pools, 3·3 - 1 at each output",
        "2 726,826,536 the same, with comparisons in 3 pools, 3·3 at each output",
    ]
    near = lines.index("Nearest") + 1
    assert lines[near : near + 3] == [
        "726,244,648 -0.1 % alexnet_two_towers, 227x227x3, ptflops up to 0.7.0",
        "725,066,088 -0.3 % alexnet_two_towers, 227x227x3, torchinfo 1.8.0",
        "1,135,256,096 +56.2 % alexnet, 227x227x3 (as given), mac",
    ]


def test_refusals_end_with_2() -> None:
    """No figure, no such quantity, no such network."""
    assert run("alexnet", "many").exit_code == 2
    assert run("alexnet", "727M", "--of", "flop").exit_code == 2
    assert run("alexnt", "727M").exit_code == 2


def test_a_number_is_a_figure() -> None:
    """In Python a number may stand without quotes; a figure in MACs is said to be one of MACs."""
    assert reconcile("alexnet", 62378344).answers[0].candidate.label == "alexnet, 227x227x3"
    assert "seen as any number of MACs from" in run("alexnet", "714M MACs").output


def test_of_overrules_the_unit() -> None:
    """`--of` says what the figure is a number of."""
    assert reconcile("alexnet", "62.4M", "parameters").answers[0].value == 62378344
    assert reconcile("alexnet", "62.4M").quantity == "parameters"
    assert reconcile("alexnet", "62.4M", "flops").answers == ()


SPELLINGS = (
    "720M", "720e6", "0.72G", "720,000,000", "720 000 000", "720 million", "720_000_000",
    "720000000", "7.2e8", "7.2E+08", "7.2×10^8", "7.2 x 10^8", "7.2·10⁸", "0.72 billion", "0.72bn",
    "720.000.000", "720'000'000", "0,72G", "~720M", "about 0.72G", "720 Mio", 720e6, 720_000_000,
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_figure_in_any_spelling_has_one_answer(spelling: str | float) -> None:
    """All that is found is the same, and the chances: 0.72G is 724,406,816 rounded."""
    found = search.reconcile(candidates("alexnet_two_towers"), spelling)
    assert found.answers[0].value == 724406816
    usual = searched("alexnet_two_towers", "0.72G")
    assert (found.answers, found.near) == (usual.answers, usual.near)
    assert (found.tried, found.fits, found.chance) == (usual.tried, usual.fits, usual.chance)


@pytest.mark.parametrize("spelling", ["240MB", "0.24GB", "240,000,000 bytes", "240 megabytes"])
def test_memory_in_any_spelling(spelling: str) -> None:
    """Its zeros may be rounding, too."""
    assert (
        search.reconcile(candidates("alexnet_two_towers"), spelling).answers[0].value == 243860896
    )


@pytest.mark.parametrize("figure", ["9633792B", "9,633,792 B", "9633792 bytes"])
def test_b_behind_a_memory_figure_is_bytes(figure: str) -> None:
    """With --of memory after any figure, else after one that has no need of billions."""
    for of in (None, "memory"):
        found = search.reconcile(candidates("resnet50"), figure, of)
        assert found.quantity == "memory"
        assert found.answers[0].sum.name == "peak"
        assert found.answers[0].value == 9633792


NEAREST = {
    ("alexnet", "2270512193"): (2270512192, "2mac", "1 away"),
    ("mobilenet_v2", "0.605G"): (601548544, "2mac", "-0.6 %"),
    ("resnet50", "4111512577"): (4111512576, "fvcore 0.1.5", "1 away"),
}


@pytest.mark.parametrize(("network", "figure"), NEAREST)
def test_the_nearest_is_the_nearest_of_all(network: str, figure: str) -> None:
    """Conventions, tools and variants: no count with a name that assumes less is nearer."""
    value, name, apart = NEAREST[network, figure]
    found = searched(network, figure)
    assert not found.answers
    assert (found.near[0].value, found.near[0].sum.name) == (value, name)
    assert f"{value:,}  {apart}" in re.sub("  +", "  ", str(found))


def test_the_last_near_miss_may_be_put_together() -> None:
    """It is nearer than every count with a name, but operations can be added until all is near."""
    found = searched("mobilenet_v2", "0.605G")
    assert not found.near[-1].sum.name
    apart = [abs(answer.value - 605_000_000) for answer in found.near]
    assert min(apart) == apart[-1]


LAYERS = [
    {"type": "conv", "filters": 32, "kernel": 3, "padding": 1, "then": ["relu"]},
    {"type": "max_pool", "kernel": 2},
    {"type": "conv", "filters": 64, "kernel": 3, "padding": 1, "then": ["relu"]},
    {"type": "max_pool", "kernel": 2},
    {"type": "fc", "units": 500, "then": ["relu"]},
    {"type": "fc", "units": 10, "then": ["softmax"]},
]
MEMORY = {"name": "cnn memory", "input": "50x50x3", "layers": LAYERS}


def test_batches_of_memory() -> None:
    """40.25 MB are the activations of 64 images: 64 · 157,226 · 4 bytes."""
    answer = reconcile(MEMORY, "40.25MB").answers[0]
    assert (answer.value, answer.sum.value) == (40249856, 157226)
    assert [factor.times for factor in answer.factors] == [64, 4]
    asked = reconcile(MEMORY, "40.25MB", batch=64).answers[0]
    assert (asked.value, asked.assumptions) == (40249856, 0)
    alone = reconcile(MEMORY, str(4 * 157226), "memory", batch=64).answers[0]
    assert [factor.words for factor in alone.factors] == ["one image alone", "bytes of a float32"]


def test_parameters_do_not_grow_with_a_batch() -> None:
    """Activations that are added to them do."""
    report = cnncalc.analyze(MEMORY)
    value = 4 * (report.parameters + 32 * report.activations)
    answer = reconcile(MEMORY, f"{value} bytes", batch=32).answers[0]
    assert [term.value for term in answer.sum.terms] == [report.parameters, 32 * 157226]
    assert answer.sum.terms[1].words == "activations, of 32 images"
    assert reconcile(MEMORY, str(report.parameters), batch=32).answers[0].assumptions == 0


def test_additions_in_place() -> None:
    """7.2 MB are ResNet-50's peak where an addition overwrites an input: 1,806,336 · 4 bytes."""
    answer = searched("resnet50", "7.2MB").answers[0]
    assert (answer.value, answer.sum.name) == (7225344, "peak, additions in place")


def test_what_only_training_uses() -> None:
    """Inception v3 without its auxiliary head; DeepLab with it."""
    answer = searched("inception_v3", "23.8M").answers[0]
    assert (answer.value, answer.sum.name) == (
        23834568, "parameters, without the side paths of training",
    )  # fmt: skip


def test_an_expansion_that_expands_nothing() -> None:
    """Many count 314M for MobileNet v2: with one more 1x1 convolution. fvcore is as near."""
    first, second = searched("mobilenet_v2", "314M").answers[:2]
    assert (first.value, first.candidate.name) == (
        313619328, "mobilenet_v2 --set first_expand=true",
    )  # fmt: skip
    assert second.sum.name == "fvcore 0.1.5"


def test_parameters_and_operations_come_before_activations() -> None:
    """Without a unit; sums of activations come behind them."""
    found = searched("googlenet", "6.8M")
    assert found.quantity == "parameters"
    assert [answer.quantity for answer in found.answers[:2]] == ["parameters", "activations"]


def test_bytes_without_a_unit() -> None:
    """They come last, and only where they assume nothing else."""
    found = searched("vgg16", "553430176")
    assert found.quantity == "memory"
    assert found.answers[0].sum.name == "parameters"


def test_a_figure_and_its_unit_may_be_two_words() -> None:
    """As they are typed without quotes."""
    assert run("vgg16", "15.5", "GFLOPs").output == run("vgg16", "15.5 GFLOPs").output
    assert run("lenet", "61,706", "--of", "parameters").exit_code == 0


def test_other_networks_and_odd_dtypes_come_last() -> None:
    """However little else they assume; for what a name asks, other makes of it come before."""
    found = search.reconcile(candidates("resnet50"), "51MB", all=True)
    last = [answer.last for answer in found.answers]
    assert last == sorted(last)
    assert True in last
    (answer,) = [one for one in found.answers if one.value == 51114064]
    assert answer.factors[-1].words == "bytes of a float16"
    names = {one.name: one.assumptions for one in candidates("mobilenet_v1").all}
    assert names["mobilenet_v1_0_5"] == 3
    assert {one.name: one.unlike for one in candidates("vgg16").all}["vgg16_bn"] is False


def test_all_shows_every_sum_that_fits() -> None:
    """Without it those that assume more, or only add to a simpler one, are counted alone."""
    few = searched("alexnet_two_towers", "0.72G")
    every = search.reconcile(candidates("alexnet_two_towers"), "0.72G", all=True)
    assert (every.more, len(every.answers)) == (0, few.fits)
    assert len(few.answers) + few.more == few.fits
    assert few.answers[0] == every.answers[0]
    few_lines, lines = run("lenet", "420k"), run("lenet", "420k", "--all")
    assert "(--all)" in few_lines.output
    assert "(--all)" not in lines.output
    assert len(lines.output) > len(few_lines.output)


def test_the_share_that_intervals_cover() -> None:
    """Against a grid; what meets or overlaps counts once, what lies outside the decade not."""
    draw = random.Random(1)
    intervals = [(low, low + draw.random() / 9) for low in (draw.uniform(-2, 2) for _ in range(40))]
    covered = Coverage()
    for low, high in intervals:
        covered.add(low, high)
    grid = [(i + 0.5) / 20_000 * DECADE - DECADE / 2 for i in range(20_000)]
    share = sum(any(low <= x < high for low, high in intervals) for x in grid) / len(grid)
    assert covered.share == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(("network", "of"), [("lenet", "flops"), ("lenet", "memory")])
@pytest.mark.parametrize("digits", [2, 3])
def test_random_figures_match_as_often_as_is_said(network: str, of: str, digits: int) -> None:
    """Log-uniform in a decade: the share that matches is the chance stated, and the share that is
    called more than possible stays below the bound.
    """
    draw, times = random.Random(digits), 80
    report = candidates(network).given.report
    middle = report.macs if of == "flops" else 4 * report.parameters
    drawn = [middle * 10 ** draw.uniform(-0.5, 0.5) for _ in range(times)]
    found = [search.reconcile(candidates(network), f"{x:.{digits - 1}e}", of) for x in drawn]
    stated = sum(one.chance for one in found) / times
    matched = sum(bool(one.answers) for one in found) / times
    called = sum(any(not answer.possible for answer in one.answers) for one in found) / times
    assert matched == pytest.approx(stated, abs=3 * (0.25 / times) ** 0.5)
    assert called < LIKELY + 2 * (LIKELY / times) ** 0.5


def test_what_chance_would_have_found_is_called_possible() -> None:
    """It is said how many sums were tried, how many fit, and how often chance would match."""
    found = searched("resnet50", "3.8G")
    text = " ".join(str(found).split())
    assert "Possible, no more: chance alone may have found it. 1 3,857,973,248 resnet50" in text
    assert f"{found.fits} of {found.tried} sums tried fit; a random figure of this" in text
    assert (
        f"The {found.answers[0].tried} likeliest sums, up to number 1, would match in 1 of" in text
    )
    assert not found.answered
    assert run("resnet50", "3.8G").exit_code == 1
    assert "Possible" not in str(searched("vgg16", "138,357,544"))
    assert run("lenet", "61,706").exit_code == 0


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(format: str) -> None:
    """Answers and near misses are rows of a table, with what chance would have found."""
    text = searched("resnet50", "3.8G").to(format)
    plain = re.sub(r"[{}\\]", "", text)
    assert "3857973248" in plain.replace(",", "")
    assert "possible" in text.lower()
    assert "stride" in text


def test_records() -> None:
    """A line for each answer and near miss, with the sum."""
    found = searched("vgg16", "15.48G")
    lines = list(csv.DictReader(io.StringIO(found.to("csv"))))
    assert {line["match"] for line in lines} == {"answer", "near"}
    assert [*lines[0]][1:10] == [*found.to_dict()["answers"][0]][:9]
    assert (
        lines[0]["terms"].split(" + ")[1] == "13547520 biases of convolutions, one at each output"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_every_width(width: int) -> None:
    """Words stand behind their numbers, or below them; numbers of ten answers and more line up."""
    found = search.reconcile(candidates("alexnet"), "727M", all=True)
    stream = io.StringIO()
    writer.content(found).show(Console(file=stream, width=width, color_system=None))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= min(width + 1, 100)
    many = str(search.reconcile(candidates("alexnet_two_towers"), "0.72G", all=True))
    assert re.search(r"^10 +[\d,]+  ", many, re.MULTILINE)
    assert len({len(head) for head in re.findall(r"^ ?\d+ +[\d,]+  (?=\S)", many, re.M)}) == 1


def test_input_and_set_are_those_of_the_network() -> None:
    """What was asked for is the network as given; other inputs are then left alone."""
    found = reconcile("resnet50", "5.34G", input="256x256x3")
    assert found.answers[0].candidate.label == "resnet50, 256x256x3"
    assert found.answers[0].assumptions == 0
    found = reconcile("resnet50", "3.86G", set={"stride_first": True})
    assert found.answers[0].assumptions == 0


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    """Its variants and switches are searched; names in it are data."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: '[b]\\x1b'\ninput: 8x8x3\nparameters: {wide: false}\n"
        "layers: [{type: conv, name: C, filters: 8 if wide else 4, kernel: 3}]\n"
        "variants: {small: {}, large: {wide: true}}\n"
    )
    assert cnncalc.analyze(path).macs == 36 * 27 * 4
    result = run(str(path), f"{36 * 27 * 8}")
    assert result.exit_code == 0, result.output
    assert "2mac" in result.output
    assert "\x1b" not in result.output
    assert "large" in run(str(path), f"{36 * 27 * 8}", "--of", "flops").output


def test_every_variant_of_a_file_is_tried() -> None:
    """The last of sixty makes its figure."""
    variants = {f"v{n}": {"n": n} for n in range(1, 61)}
    layers = [{"type": "conv", "name": "C", "filters": "n", "kernel": 3}]
    network = {
        "name": "Q", "input": "8x8x3", "parameters": {"n": 1}, "variants": variants,
        "layers": layers,
    }  # fmt: skip
    found = reconcile(network, "1680", "parameters")
    assert found.answers[0].candidate.name == "v60"


def test_variants_that_fail_are_bounded() -> None:
    """Layers of networks that do not fit count as those of others do: not all are tried."""
    calls = []

    def analyze(source: Any, *, brief: bool = False, **options: Any) -> Report:
        calls.append(options)
        return counted_alone(source, brief=brief, **options)

    deep = [{"type": "relu", "repeat": "n"}, {"type": "conv", "filters": 1, "kernel": "k"}]
    variants = {f"v{i}": {"n": 3000 + i, "k": 99} for i in range(40)}
    network = cnncalc.load({
        "name": "Q", "input": "8x8x3", "parameters": {"n": 1, "k": 3}, "variants": variants,
        "layers": deep,
    })  # fmt: skip
    found = Candidates(network, name=None, options={}, analyze=analyze, shipped={}).all
    assert len(found) == 1
    assert len(calls) < 8


def test_the_page_quotes_what_is_printed() -> None:
    """docs/tools.md has the sentences about chance as they are."""
    page = (Path(__file__).parent.parent / "docs" / "tools.md").read_text("utf-8")
    quoted = " ".join(line[2:] for line in page.splitlines() if line.startswith("> "))
    assert quoted in " ".join(str(searched("alexnet", "727M")).split())


def test_json() -> None:
    """The same facts, as numbers."""
    result = run("alexnet", "727M", "--format", "json")
    found = json.loads(result.stdout)
    assert (found["quantity"], found["from"], found["to"]) == ("flops", 726500000, 727499999)
    for answer in found["answers"]:
        total = sum(term["value"] for term in answer["terms"])
        for factor in answer["factors"]:
            total *= factor["times"]
        assert total == answer["value"]
    assert [one["network"] for one in found["near"]][2] == "alexnet"
    assert found["tried"] > found["fits"] == len(found["answers"]) + found["more"]
    assert 0 < found["answers"][0]["chance"] < found["chance"] < LIKELY
    assert found["answered"]
    assert not found["answers"][0]["possible"]
