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
    failures = sum(item.passed is False for item in found.items)
    errors = sum(item.passed is None for item in found.items)
    counts = {
        "name": "cnncalc",
        "tests": str(len(found.items)),
        "failures": str(failures),
        "errors": str(errors),
    }
    suites = xml.Element("testsuites", counts)
    suite = xml.SubElement(suites, "testsuite", {**counts, "name": found.file})
    for item in found.items:
        attributes = {"name": item.name, "classname": found.key}
        case = xml.SubElement(suite, "testcase", attributes)
        if not item.passed:
            tag = "error" if item.passed is None else "failure"
            first = item.message.split("\n")[0]
            failure = xml.SubElement(case, tag, type=item.code or item.verdict, message=first)
            failure.text = f"{item.given}\n{item.message}"
    xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(suites, "unicode") + "\n"
