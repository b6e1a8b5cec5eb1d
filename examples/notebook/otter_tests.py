"""A test file for otter-grader: names of arguments are those of the student's variables."""

from otter.test_files import test_case

import cnncalc

OK_FORMAT = False

name = "conv1"
points = 2


@test_case(points=1, hidden=False, failure_message="Where does the last filter fit?")
def test_output(conv1_output):
    """The volume that leaves CONV1."""
    assert cnncalc.grade({"CONV1": {"output": conv1_output}}, "alexnet", missing="ignored") == 1


@test_case(points=1, hidden=False, failure_message="What does one filter learn?")
def test_parameters(conv1_parameters):
    """The parameters of CONV1."""
    answers = {"CONV1": {"parameters": conv1_parameters}}
    assert cnncalc.grade(answers, "alexnet", missing="ignored") == 1
