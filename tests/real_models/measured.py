"""What the default environments make of saved models by other people: a table in docs/load.md.

kmatrix load FILE... --trust --format json > answer.json
for file in FILE...; do
    kmatrix requirements $file --trust > /dev/null; echo "$? $file" >> requirements.txt
done
python -m tests.real_models.measured answer.json requirements.txt    # keeps it, writes the table
python -m tests.real_models.measured                                 # writes the table again
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured.json"
PAGE = HERE.parents[1] / "docs" / "load.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
AS_IS = ("identical", "degraded")
LOST = ("refused", "unsupported", "crashed", "hung")
HEAD = """\
| environment | loads as is | by a route | loads and drifts | no route works |
|---|---:|---:|---:|---:|
"""


def measured_of(answer):
    """By file and environment: what came of it."""
    files = {}
    for one in answer["files"]:
        path = Path(one["path"])
        name = path.name if path.parent.name == "real-models" else path.parent.name
        files[name] = {load["environment"]: load["verdict"] for load in one["environments"]}
    bad = [
        bool(load["attempts"][0]["signatures"])
        for one in answer["files"]
        for load in one["environments"]
        if load["verdict"] in (*LOST, "remedied", "drifted")
    ]
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "files": files,
        "bad": len(bad),
        "named": sum(bad),
    }


def answered(lines):
    """Files that ``kmatrix requirements`` found an environment for, of lines ``CODE FILE``."""
    return sorted(Path(path).parent.name for code, path, *_ in map(str.split, lines) if code == "0")


def read_measured():
    return json.loads(MEASURED.read_text("utf-8"))


def table(measured):
    """The table, and a sentence about the files as a whole."""
    files = measured["files"].values()
    environments = sorted({name for loads in files for name in loads})
    tried = [set(loads.values()) for loads in files if loads]
    plain = sum(not found.isdisjoint(AS_IS) for found in tried)
    good = sum(not found.isdisjoint({*AS_IS, "remedied"}) for found in tried)
    words = (
        f"Measured on {measured['measured']}: {len(files)} saved models by other people, in "
        f"{len(environments)} environments of the default profile. {plain} load as they are in at "
        f"least one of them, {good - plain} more by a route, {len(tried) - good} in none: most of "
        f"those ask for classes that only their author has, or are of Keras 1 and older. "
        f"{len(files) - len(tried)} hold weights alone and were not tried. {measured['named']} of "
        f"the {measured['bad']} loads that do not go well as is show a known signature."
    )
    if "requirements" in measured:
        words += (
            f" `kmatrix requirements`, which asks the nearest of the whole matrix too, names an "
            f"environment for {len(measured['requirements'])} files; the others are weights, ask "
            f"for classes of their authors, or are of Keras 1 and older."
        )
    rows = "".join(_row(name, measured) for name in environments)
    return f"{fill(words, 99)}\n\n{HEAD}{rows}"


def _row(environment, measured):
    loads = [loads.get(environment) for loads in measured["files"].values()]
    as_is = sum(loads.count(name) for name in AS_IS)
    lost = sum(loads.count(name) for name in LOST)
    cells = (as_is, loads.count("remedied"), loads.count("drifted"), lost)
    return f"| `{environment}` | " + " | ".join(map(str, cells)) + " |\n"


def written(text, measured):
    """The page with the table in its place."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table(measured) + END + after


def main(arguments):
    if arguments:
        answer, lines = (Path(name).read_text("utf-8") for name in arguments)
        found = {**measured_of(json.loads(answer)), "requirements": answered(lines.splitlines())}
        kept = json.dumps(found, indent=1, ensure_ascii=False)
        MEASURED.write_text(kept + "\n", "utf-8")
    PAGE.write_text(written(PAGE.read_text("utf-8"), read_measured()), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
