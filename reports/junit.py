"""A run as JUnit XML: a suite for each loader, a test case for each cell.

Red is a failure, a process that died an error. What the owner of the matrix expects to fail is
skipped, with the reason; so is what is no verdict of the pair. An expectation that is not met is
a failure, an unexpected pass too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from runner.model.finding import EnvironmentStatus, Verdict, VerdictKind

if TYPE_CHECKING:
    from runner.model.results import CellResult, EnvironmentResult, Results

# Characters that XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BAD_ENDS = {Verdict.CRASHED, Verdict.HUNG}


def render(results: Results) -> str:
    """Return the XML, readable."""
    suites = Element("testsuites", name="kmatrix")
    _suite(suites, results, "environments", [_environment(one) for one in results.environments])
    by_loader: dict[str, list[Element]] = {one.id: [] for one in results.environments}
    for cell in results.cells:
        by_loader.setdefault(cell.loader, []).append(_case(cell))
    for loader, cases in by_loader.items():
        if cases:
            _suite(suites, results, loader, cases)
    for attribute in ("tests", "failures", "errors", "skipped"):
        total = sum(int(suite.get(attribute, "0")) for suite in suites)
        suites.set(attribute, str(total))
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, "unicode") + "\n"


def _suite(suites: Element, results: Results, name: str, cases: list[Element]) -> None:
    seconds = sum(float(case.get("time", "0")) for case in cases)
    suite = SubElement(
        suites,
        "testsuite",
        name=clean(name),
        tests=str(len(cases)),
        failures=_count(cases, "failure"),
        errors=_count(cases, "error"),
        skipped=_count(cases, "skipped"),
        time=f"{seconds:.3f}",
        timestamp=results.run.started.rstrip("Z"),
    )
    suite.extend(cases)


def _count(cases: list[Element], tag: str) -> str:
    return str(sum(case.find(tag) is not None for case in cases))


def _environment(environment: EnvironmentResult) -> Element:
    case = Element("testcase", classname="environments", name=clean(environment.id), time="0")
    if environment.status is not EnvironmentStatus.READY:
        tag = "error" if environment.status is EnvironmentStatus.UNAVAILABLE else "failure"
        message = f"{environment.status}: {environment.reason or 'no reason given'}"
        SubElement(case, tag, type=clean(environment.status), message=clean(message))
    return case


def _case(cell: CellResult) -> Element:
    cell_id = cell.name
    case = Element(
        "testcase",
        classname=clean(f"{cell_id.loader}.{cell_id.saver}"),
        name=clean(f"{cell_id.recipe}/{cell_id.format}"),
        time=f"{cell.seconds:.3f}",
    )
    properties = SubElement(case, "properties")
    for name, value in _properties(cell):
        SubElement(properties, "property", name=name, value=clean(value))
    outcome = _outcome(cell)
    if outcome is not None:
        tag, message = outcome
        kind = cell.failure.type if cell.failure else str(cell.verdict)
        attributes = {"message": clean(message)}
        if tag != "skipped":
            attributes["type"] = clean(kind)
        element = SubElement(case, tag, attributes)
        if cell.failure is not None and tag != "skipped":
            element.text = clean(cell.failure.traceback)
    return case


def _properties(cell: CellResult) -> list[tuple[str, str]]:
    found = [("cell", cell.id), ("verdict", str(cell.verdict)), ("reason", cell.reason)]
    found += [("signature", signature) for signature in cell.signatures]
    if cell.remedy:
        found.append(("remedy", cell.remedy))
    if cell.expectation is not None:
        found.append(("expected", " or ".join(cell.expectation.verdicts)))
        if cell.expectation.link:
            found.append(("link", cell.expectation.link))
    return found


def _outcome(cell: CellResult) -> tuple[str, str] | None:
    """Return the element's name and message; None is a pass."""
    expected = cell.expectation
    message = f"{cell.verdict}: {cell.reason}"
    if expected is not None and not expected.met:
        return "failure", f"{message} (expected {' or '.join(expected.verdicts)})"
    passes = cell.verdict.kind in {VerdictKind.SAFE, VerdictKind.REMEDIED}
    if expected is not None and not passes:
        return "skipped", f"expected: {expected.reason}; {message}"
    if passes:
        return None
    if cell.verdict in _BAD_ENDS:
        return "error", message
    if cell.verdict.red:
        return "failure", message
    return "skipped", message


def clean(text: str) -> str:
    """Return what XML can hold; the rest is shown as marks."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
