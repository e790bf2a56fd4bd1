"""docs/reported.md: public reports, and the cells of real runs that show what they say.

    python -m tests.reported.page RESULTS.json...    look in these runs, and write the page
                                                     (also answers of kmatrix load --format json)
    python -m tests.reported.page                    write the page again

``reports.yaml`` names the reports that reference models were made after; ``seen.json`` keeps what
the runs showed of them, and of the reports that signatures link.
"""

import json
import re
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
REPORTS, SEEN = HERE / "reports.yaml", HERE / "seen.json"
PAGE = HERE.parents[1] / "docs" / "reported.md"
THREAD = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
MOST = 3  # environments that are named, of each role
HEAD = """\
# Public reports, and where they were seen

<!-- Written by `python -m tests.reported.page`; do not edit. -->

{reports} reports of saved models from public issue trackers, and what real runs of reference
models show of each: {seen} were seen, {not_seen} were not reproduced. A model was loaded by
`load_model`, with its custom objects where it has some.

Measured in {environments}: all pairs of the default profile, neighbours of the others.

## Reference models that were made after a report

| report | what it says | reference model | seen |
|---|---|---|---|
"""
SIGNED = """
## Reports that a signature links

What the [signature](signatures.md) says of the report is what the cells show.

| report | signature | cells | of them |
|---|---|---:|---|
"""


def read_reports():
    """The reports, as the YAML file has them."""
    return yaml.safe_load(REPORTS.read_text("utf-8"))


def look(reports, runs):
    """What runs show: by report, and by signature. ``runs``: results as JSON objects."""
    cells = {cell["id"]: cell for run in runs for cell in cells_of(run)}
    runs = [run for run in runs if "cells" in run]
    links = {
        item["id"]: [link for link in item.get("links", ()) if THREAD.fullmatch(link)]
        for run in runs
        for item in run["signatures"]
    }
    signed = {
        name: _where([cell for cell in cells.values() if name in (cell.get("signatures") or ())])
        for name in links
    }
    return {
        "environments": sorted({item["id"] for run in runs for item in run["environments"]}),
        "reports": {
            report["report"]: _where([c for c in cells.values() if shows(c, report)])
            for report in reports
        },
        "asked": {
            report["report"]: sum(_is_asked(cell, report) for cell in cells.values())
            for report in reports
        },
        "signatures": {
            name: {"links": links[name], **signed[name]}
            for name in sorted(signed)
            if links[name] and signed[name]["cells"]
        },
    }


def cells_of(run):
    """The cells of a run; the loads of an answer of ``kmatrix load`` as such cells."""
    if "cells" in run:
        return run["cells"]
    return [
        {
            "id": "/".join(
                (
                    *("file", Path(file["path"]).parent.name),
                    *(file["inspection"]["format"], load["environment"]),
                )
            ),
            "verdict": load["verdict"],
            "as_is": load["attempts"][0]["verdict"],
            "reason": load["attempts"][0].get("reason") or "",
            "signatures": load["attempts"][0].get("signatures") or (),
        }
        for file in run["files"]
        for load in file["environments"]
    ]


def shows(cell, report):
    """Whether a cell shows what a report says."""
    if not _is_asked(cell, report):
        return False
    if "signature" in report and report["signature"] not in (cell.get("signatures") or ()):
        return False
    if "error" in report and report["error"] not in _said(cell):
        return False
    if "lost" in report and not any(report["lost"] in one for one in cell.get("lost") or ()):
        return False
    verdict = cell.get("as_is") or cell["verdict"]
    if cell.get("code") == "file-lacks-it":
        verdict = "drifted" if cell.get("outputs") else "refused"
    return "as-is" not in report or verdict in report["as-is"]


def _is_asked(cell, report):
    saver, recipe, format_, loader = cell["id"].split("/")
    if report.get("own") and saver != loader:
        return False
    globs = ((saver, "savers"), (format_, "formats"), (loader, "loaders"))
    return recipe == report["model"] and all(
        any(fnmatch(value, glob) for glob in report.get(key, ["*"])) for value, key in globs
    )


def _said(cell):
    failure = cell.get("failure") or {}
    return f"{cell['reason']} {failure.get('message', '')}"


def _where(cells):
    parts = [cell["id"].split("/") for cell in cells]
    found = {
        name: [one for one, _ in Counter(part[place] for part in parts).most_common()]
        for place, name in ((0, "savers"), (1, "models"), (2, "formats"), (3, "loaders"))
    }
    return {"cells": len(parts), "example": min((c["id"] for c in cells), default=None), **found}


def page(reports, seen):
    """The whole page as Markdown."""
    signed = seen["signatures"]
    linked = {link for one in signed.values() for link in one["links"]}
    own = {report["report"] for report in reports}
    others = {link for link in linked if _thread(link) not in own}
    shown = sum(seen["reports"][report["report"]]["cells"] > 0 for report in reports)
    lines = [
        HEAD.format(
            reports=len(own) + len(others),
            seen=shown + len(others),
            not_seen=len(own) - shown,
            environments=", ".join(seen["environments"]),
        )
    ]
    lines += [_row(report, seen) for report in reports]
    lines.append(SIGNED)
    lines += [
        f"| {', '.join(_link(link) for link in one['links'])} | "
        f"[`{name}`](signatures.md#{name}) | {one['cells']} | `{one['example']}` |\n"
        for name, one in signed.items()
    ]
    return "".join(lines)


def _row(report, seen):
    found = seen["reports"][report["report"]]
    address = "https://github.com/{}/issues/{}".format(*report["report"].split("#"))
    return (
        f"| {_link(address)} | {report['says']} | `{report['model']}` | "
        f"{_seen(found) if found['cells'] else _not_seen(report, seen)} |\n"
    )


def _seen(found):
    return (
        f"{found['cells']} cells, saved in {_some(found['savers'])}, loaded in "
        f"{_some(found['loaders'])}; `{found['example']}`"
    )


def _not_seen(report, seen):
    if "tried" in report:
        return f"not reproduced: {report['tried']}"
    return f"not reproduced in {seen['asked'][report['report']]} cells"


def _some(names):
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _thread(link):
    owner, number = THREAD.fullmatch(link).groups()
    return f"{owner}#{number}"


def _link(address):
    return f"[{_thread(address)}]({address})"


def main(paths):
    """Look in the runs, where some are named, and write the page."""
    reports = read_reports()
    if paths:
        runs = [json.loads(Path(path).read_text("utf-8")) for path in paths]
        SEEN.write_text(json.dumps(look(reports, runs), indent=1) + "\n", "utf-8")
    PAGE.write_text(page(reports, json.loads(SEEN.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
