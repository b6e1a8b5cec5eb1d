"""Questions as a QTI 2.1 package: an item for each number, the test of all, and the manifest.

Source: IMS QTI 2.1, Assessment Test, Section and Item Information Model, and the binding
imsqti_v2p1.xsd of 31 July 2012; the package is IMS Content Packaging 1.1. Counts above 2^31 are no
integers of QTI, so numbers are compared as floats; the feedback on a number is chosen by the same
condition that gives its points.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.question import WrongNumber
    from cnncalc.homework.quiz.questions import AnyQuestion
    from cnncalc.writers.quiz.text import NumberQuestion

_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
TEST = "test.xml"


def write(questions: Sequence[AnyQuestion], title: str) -> bytes:
    """Return the package as a zip file, always the same for the same questions."""
    items = {f"item{n}": one for n, one in enumerate(text.number_questions(questions), 1)}
    files = {f"{name}.xml": _item(name, one) for name, one in items.items()}
    files[TEST] = _test([*items], title)
    files["imsmanifest.xml"] = _manifest([*items])
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as package:
        for name, root in files.items():
            xml.indent(root)
            head = '<?xml version="1.0" encoding="UTF-8"?>\n'
            content = head + xml.tostring(root, "unicode") + "\n"
            # A fixed date: the same quiz is the same file.
            package.writestr(ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return stream.getvalue()


def _item(name: str, one: NumberQuestion) -> xml.Element:
    """Return the item of one number."""
    attributes = {"identifier": name, "title": one.name, "adaptive": "false"}
    item = xml.Element("assessmentItem", {"xmlns": _QTI, **attributes, "timeDependent": "false"})
    response = _sub(item, "responseDeclaration", identifier="RESPONSE", baseType="float")
    response.set("cardinality", "single")
    _sub(_sub(response, "correctResponse"), "value").text = str(one.box.value)
    for outcome, kind, default in (("SCORE", "float", "0"), ("FEEDBACK", "identifier", "other")):
        declared = _sub(item, "outcomeDeclaration", identifier=outcome, baseType=kind)
        declared.set("cardinality", "single")
        _sub(_sub(declared, "defaultValue"), "value").text = default
    _body(_sub(item, "itemBody"), one)
    condition = _sub(_sub(item, "responseProcessing"), "responseCondition")
    _case(_sub(condition, "responseIf"), one.box.value, 100, "right")
    for number, wrong in enumerate(one.box.wrong, 1):
        _case(_sub(condition, "responseElseIf"), wrong.value, wrong.credit, f"wrong{number}")
    said = {"right": text.RIGHT, **_feedback(one, one.box.wrong)}
    for identifier, words in {**said, "other": text.otherwise(one.question)}.items():
        feedback = _sub(item, "modalFeedback", identifier=identifier, showHide="show")
        feedback.set("outcomeIdentifier", "FEEDBACK")
        _sub(feedback, "p").text = words
    return item


def _feedback(one: NumberQuestion, wrong: Sequence[WrongNumber]) -> dict[str, str]:
    """Return the feedback on each wrong number by its identifier."""
    return {f"wrong{n}": text.feedback(one.question, number) for n, number in enumerate(wrong, 1)}


def _body(body: xml.Element, one: NumberQuestion) -> None:
    _sub(body, "p").text = text.enters(one.question)
    layers = _sub(body, "ul")
    for line in text.layers(one.question):
        _sub(layers, "li").text = line
    for grid in text.grids(one.question):
        _sub(body, "p").text = grid.label
        rows = _sub(_sub(body, "table"), "tbody")
        for numbers in grid.rows:
            row = _sub(rows, "tr")
            for number in numbers:
                _sub(row, "td").text = str(number)
    asked = _sub(body, "p")
    asked.text = f"{one.ask} "
    _sub(asked, "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="15")


def _case(case: xml.Element, value: int, credit: int, feedback: str) -> None:
    """Write one case of the response's processing: a number, its points and its feedback."""
    equal = _sub(case, "equal", toleranceMode="exact")
    _sub(equal, "variable", identifier="RESPONSE")
    _sub(equal, "baseValue", baseType="float").text = str(value)
    for outcome, kind, result in (
        ("SCORE", "float", f"{credit / 100:g}"),
        ("FEEDBACK", "identifier", feedback),
    ):
        chosen = _sub(case, "setOutcomeValue", identifier=outcome)
        _sub(chosen, "baseValue", baseType=kind).text = result


def _test(items: Sequence[str], title: str) -> xml.Element:
    """Return the test, which has all items in their order."""
    test = xml.Element("assessmentTest", {"xmlns": _QTI, "identifier": "test", "title": title})
    part = _sub(test, "testPart", identifier="part", navigationMode="nonlinear")
    part.set("submissionMode", "individual")
    section = _sub(part, "assessmentSection", identifier="section", title=title, visible="true")
    for name in items:
        _sub(section, "assessmentItemRef", identifier=name, href=f"{name}.xml")
    return test


def _manifest(items: Sequence[str]) -> xml.Element:
    """Return the manifest, which says what each file of the package is."""
    manifest = xml.Element("manifest", {"xmlns": _PACKAGE, "identifier": "package"})
    metadata = _sub(manifest, "metadata")
    _sub(metadata, "schema").text = "QTIv2.1 Package"
    _sub(metadata, "schemaversion").text = "1.0.0"
    _sub(manifest, "organizations")
    resources = _sub(manifest, "resources")
    test = _resource(resources, "test", "imsqti_test_xmlv2p1")
    for name in items:
        _sub(test, "dependency", identifierref=f"resource_{name}")
    for name in items:
        _resource(resources, name, "imsqti_item_xmlv2p1")
    return manifest


def _resource(resources: xml.Element, name: str, kind: str) -> xml.Element:
    file = f"{name}.xml"
    resource = _sub(resources, "resource", identifier=f"resource_{name}", type=kind, href=file)
    _sub(resource, "file", href=file)
    return resource


def _sub(parent: xml.Element, tag: str, **attributes: str) -> xml.Element:
    return xml.SubElement(parent, tag, attributes)
