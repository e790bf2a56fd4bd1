"""Samples from the evidence of a matrix that was run."""

import json
import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from runner.config.matrix_file import load_matrix
from runner.config.recipe_source import built_in_recipes
from runner.evaluate.numbers import compare_outputs
from runner.evaluate.symptoms import first_different_layer
from runner.evaluate.verdict_rules import Question, decide
from runner.model.evidence import Evidence
from runner.model.finding import Finding, FindingCode, Verdict
from runner.model.keras_identity import identity_from_modules
from runner.model.matrix import Format, Tolerance
from runner.model.signature import Symptoms
from runner.signatures import load_signatures, recognise, versions_of
from runner.store.evidence_store import Database
from runner.worker_client.evidence_reader import evidence_from_json
from tests.samples.record import MOST, ROOT, keep, tidy
from tests.samples.sample import BEHIND, Sample, read_samples

AS_IS, EXPLAIN = "as-is", "explain"


def record_matrix(options):
    """Keep samples of every signature that a cell shows; list what none shows."""
    unknown = defaultdict(list)
    keep_those = _plainest if options.missing else _first
    for sample in keep_those(_candidates(options, unknown)):
        keep(sample)
    for what, subjects in sorted(unknown.items(), key=lambda item: -len(item[1])):
        print(f"{len(subjects):4d} {what} {subjects[:3]}")


def _candidates(options, unknown):
    """Samples of the wanted signatures, each with how much else it shows."""
    signatures = load_signatures()
    for subject, symptoms, finding in loads(options.build_dir):
        found = recognise(symptoms, signatures)
        if not found and finding.verdict not in (Verdict.IDENTICAL, Verdict.DEGRADED):
            unknown[_short(symptoms, finding)].append(subject)
        for place, name in enumerate(found):
            if (not options.names or name in options.names) and (not place or name in BEHIND):
                source = f"cell {subject}"
                sample = Sample(signature=name, source=source, symptoms=_tidied(symptoms))
                yield len(found), sample


def _first(candidates):
    """As many of each signature as there is room for, and those there are anew."""
    known = read_samples()
    kept = Counter(sample.signature for sample in known if not sample.quoted)
    places = {(sample.signature, sample.source) for sample in known}
    for _, sample in candidates:
        again = (sample.signature, sample.source) in places
        if again or kept[sample.signature] < MOST:
            kept[sample.signature] += not again
            yield sample


def _plainest(candidates):
    """One of each signature that has none of a cell yet: as is and alone at best."""
    there = {each.signature for each in read_samples() if each.source.startswith("cell ")}
    found = {}
    for others, sample in candidates:
        rank = ("#" in sample.source, others, sample.source)
        if sample.signature not in there:
            best = found.get(sample.signature, (rank, sample))
            found[sample.signature] = min(best, (rank, sample), key=lambda each: each[0])
    return [sample for _, sample in found.values()]


def loads(build):
    """Every save that failed, every load, and every other way that failed.

    Subject, symptoms and finding of each; a way stands behind the ``#`` of its subject.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in (build / "store").glob("evidence.sqlite*"):
            shutil.copy(path, folder)
        database = Database(Path(folder) / "evidence.sqlite")
        yield from _loads(database)
        database.close()


def _loads(database):
    matrix = load_matrix(ROOT / "matrix.yaml")
    environments = {environment.id: environment for environment in matrix.environments}
    recipes = {recipe.name: recipe for recipe in built_in_recipes()}
    subjects = newest(database)

    def setting(name, digest):
        facts = database.facts(digest) or {}
        versions = dict(facts.get("versions", ()))
        identity = identity_from_modules(
            environments[name], versions, dict(facts.get("packages", ()))
        )
        return versions_of(identity, versions["python"])

    for subject, (key, parts) in sorted(subjects.items()):
        name, recipe, format_, *loader = subject.split("/")
        load = evidence_from_json(database.get(key))
        if not loader:
            if load.failure is not None:
                saver = setting(name, parts.get("saver", ""))
                symptoms = _known(format_, load, saver=saver, loader=saver, own_file=True)
                yield (
                    subject,
                    symptoms,
                    Finding(verdict=Verdict.REFUSED, code=FindingCode.LOAD_FAILED, reason=""),
                )
            continue
        save_key, save_parts = subjects.get(subject.rsplit("/", 1)[0], (None, {}))
        if save_key is None:
            continue
        loader, _, way = loader[0].partition("#")
        both = {
            "saver": setting(name, save_parts.get("saver", "")),
            "loader": setting(loader, parts["loader"]),
            "own_file": (name == loader and not way) or None,
        }
        if way:  # a route or a scenario: what is changed on purpose is no silent failure
            if way != EXPLAIN and (load.failure is not None or load.signal):
                refused = Finding(verdict=Verdict.REFUSED, code=FindingCode.LOAD_FAILED, reason="")
                yield subject, _known(format_, load, **both), refused
            continue
        save = evidence_from_json(database.get(save_key))
        load = _explained(database, subjects, subject, load)
        tolerance = (recipes.get(recipe) and recipes[recipe].tolerance) or Tolerance()
        question = Question(format=Format(format_), tolerance=tolerance, save=save, load=load)
        finding = decide(question)
        layer = first_different_layer(save, load, tolerance)
        symptoms = _known(
            format_,
            load,
            **both,
            saved_config=save.observation.config if save.observation else None,
            loaded_config=load.observation.config if load.observation else None,
            outputs=finding.outputs,
            weights=finding.weights,
            lost=finding.lost,
            random=_random(save, tolerance) or _random(load, tolerance),
            first_layer=layer.layer_class if layer is not None else None,
        )
        yield subject, symptoms, finding


def _known(format_, load, **facts):
    return Symptoms(
        format=format_,
        stage=str(load.stage),
        failure=load.failure,
        signal=load.signal,
        stack=load.stack,
        warnings=load.warnings,
        save_again=load.save_again.innermost if load.save_again is not None else None,
        **facts,
    )


def newest(database):
    """The newest key and its parts, by subject."""
    rows = database._connection.execute(
        "SELECT subject, key, parts FROM evidence ORDER BY created"
    ).fetchall()
    return {subject: (key, json.loads(parts)) for subject, key, parts in rows}


def _explained(database, subjects, subject, evidence: Evidence):
    """The outputs of single layers, where the cell was asked for them."""
    if f"{subject}#{EXPLAIN}" not in subjects or evidence.observation is None:
        return evidence
    more = evidence_from_json(database.get(subjects[f"{subject}#{EXPLAIN}"][0]))
    if more.observation is None:
        return evidence
    observation = replace(evidence.observation, layer_outputs=more.observation.layer_outputs)
    return replace(evidence, observation=observation)


def _random(evidence, tolerance):
    observation = evidence.observation
    if observation is None or observation.again is None:
        return False
    return not compare_outputs(observation.outputs, observation.again, tolerance).equal


def _tidied(symptoms: Symptoms):
    """Without the places of this machine, wherever they were printed."""
    warnings = tuple(tidy(text, "/nowhere") for text in symptoms.warnings)
    failure = symptoms.failure
    if failure is not None:
        failure = replace(failure, traceback=tidy(failure.traceback, "/nowhere"))
    return replace(symptoms, failure=failure, warnings=warnings)


def _short(symptoms, finding):
    if symptoms.failure is not None:
        text = f"{symptoms.failure.type}: {symptoms.failure.innermost}"
        return " ".join(text.split())[:150]
    return f"{finding.verdict}: {finding.reason} | {symptoms.first_layer}"[:150]
