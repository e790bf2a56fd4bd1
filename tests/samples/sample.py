"""Samples: what a real load left behind, kept as JSON beside the signature it shows."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from runner.model.evidence import Failure
from runner.model.finding import Comparison, WeightsComparison
from runner.model.signature import EnvironmentVersions, Symptoms

FOLDER = Path(__file__).resolve().parent / "recorded"
# What stands behind something more telling wherever it is seen.
BEHIND = frozenset({
    *("metrics-not-built", "cannot-be-saved-again", "optimizer-decay-ignored"),
    *("frozen-layers-changed", "refused-by-its-saver"),
})  # fmt: skip
NESTED = {
    "failure": Failure,
    "saver": EnvironmentVersions,
    "loader": EnvironmentVersions,
    "outputs": Comparison,
    "weights": WeightsComparison,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One real load. ``source`` says where it was recorded; ``quoted`` where it was not."""

    signature: str
    source: str
    symptoms: Symptoms
    quoted: bool = False

    @property
    def text(self) -> str | None:
        """The traceback as it was printed, where there is one."""
        failure = self.symptoms.failure
        return failure.traceback if failure is not None and failure.traceback else None


def read_samples(folder=FOLDER):
    """Every sample, sorted by signature."""
    return tuple(
        _decode(path.stem, item)
        for path in sorted(folder.glob("*.json"))
        for item in json.loads(path.read_text("utf-8"))
    )


def write_samples(signature, samples, folder=FOLDER):
    """Replace the samples of one signature."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([_encode(sample) for sample in samples], indent=1, ensure_ascii=False)
    (folder / f"{signature}.json").write_text(text + "\n", "utf-8")


def _encode(sample):
    symptoms = {
        field.name: asdict(value) if field.name in NESTED else value
        for field in fields(Symptoms)
        if (value := getattr(sample.symptoms, field.name)) not in (None, ())
    }
    found = {"source": sample.source, "symptoms": symptoms}
    return {**found, "quoted": True} if sample.quoted else found


def _decode(signature, item):
    symptoms = {
        name: NESTED[name](**_plain(value)) if name in NESTED else _tuples(value)
        for name, value in item["symptoms"].items()
    }
    return Sample(
        signature=signature,
        source=item["source"],
        symptoms=Symptoms(**symptoms),
        quoted=item.get("quoted", False),
    )


def _plain(value):
    return {key: _tuples(each) for key, each in value.items()}


def _tuples(value):
    return tuple(value) if isinstance(value, list) else value
