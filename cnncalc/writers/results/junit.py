"""JUnit XML, as continuous integration shows it: a test case for each answer.

Source: the schema of Jenkins' xunit plugin, junit-10.xsd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

if TYPE_CHECKING:
    from cnncalc.writers.results import Results


def write(found: Results) -> str:
    """Return the suite of a sheet. What cannot be read is an error, what is wrong a failure."""
    failures = sum(answer.passed is False for answer in found.answers)
    errors = sum(answer.passed is None for answer in found.answers)
    counts = {
        "name": "cnncalc",
        "tests": str(len(found.answers)),
        "failures": str(failures),
        "errors": str(errors),
    }
    suites = xml.Element("testsuites", counts)
    suite = xml.SubElement(suites, "testsuite", {**counts, "name": found.file})
    for answer in found.answers:
        attributes = {"name": answer.name, "classname": found.key}
        case = xml.SubElement(suite, "testcase", attributes)
        if answer.remark:
            xml.SubElement(case, "system-out").text = answer.message
        if not answer.passed:
            tag = "error" if answer.passed is None else "failure"
            first = answer.message.split("\n")[0]
            failure = xml.SubElement(case, tag, type=answer.code or answer.verdict, message=first)
            failure.text = f"{answer.given}\n{answer.message}"
    xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(suites, "unicode") + "\n"
