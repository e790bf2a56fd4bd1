"""Judges what the store knows: saves, loads, controls, fallbacks. Evidence in, findings out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.evaluate.donors import resaves
from runner.evaluate.fallbacks import (
    NEEDS_FALLBACK,
    Fallbacks,
    attempt_result,
    explaining_step,
    follow,
    situation_of,
)
from runner.evaluate.round_trips import OwnLoad, environment_works, of_other_load, of_own_load
from runner.evaluate.save_findings import SaveFinding, evaluate_save
from runner.evaluate.symptoms import (
    first_different_layer,
    symptoms_of,
    symptoms_of_save,
    worth_recognising,
)
from runner.evaluate.verdict_rules import Question, decide, has_reader
from runner.model.evidence import Ending, MalformedEvidenceError
from runner.model.finding import ArtifactStatus, Finding, FindingCode, Verdict
from runner.model.keras_identity import identity_from_modules
from runner.model.matrix import Format
from runner.model.steps import AS_IS
from runner.route_scripts.route_text import AGAIN, Loading, script_of, script_to_save_again
from runner.signatures import load_signatures, recognise, versions_of
from runner.worker_client.evidence_reader import evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from runner.evaluate.donors import Reads
    from runner.model.evidence import Evidence, LayerOutput
    from runner.model.keras_identity import KerasIdentity
    from runner.model.matrix import Environment, RecipeInfo, Spec, Tolerance
    from runner.model.results import AttemptResult
    from runner.model.scripts import Script
    from runner.model.signature import Signature
    from runner.model.steps import LoadStep, Plan, SaveStep, Step
    from runner.store.artifact_store import ArtifactFolder
    from runner.store.evidence_store import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class AsIs:
    """The first attempt of a cell. ``own``: False where the control model's load speaks for it."""

    evidence: Evidence
    finding: Finding
    own: bool


@dataclass(slots=True)
class Evaluator:
    """``down``: environment id to why it could not be asked.

    ``why_unanswered``: why a step stays without evidence in this run, where that is known.
    ``digest``: an environment's digest, under which the store keeps what it said of itself.
    """

    spec: Spec
    database: Database
    artifacts: ArtifactFolder
    control: RecipeInfo
    digest: Callable[[Environment], str]
    down: Mapping[str, tuple[Verdict, str]] = field(default_factory=dict)
    why_unanswered: Callable[[Step], str | None] = lambda _step: None
    scripts: dict[str, Script] = field(default_factory=dict)  # of other routes, by id
    _evidence: dict[str, Evidence | None] = field(default_factory=dict)
    _saves: dict[tuple[str, str, str], SaveStep] = field(default_factory=dict)
    _loads: dict[tuple[str, str], LoadStep] = field(default_factory=dict)
    _facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _identities: dict[str, KerasIdentity] = field(default_factory=dict)
    _safe: dict[str, bool] = field(default_factory=dict)
    _own: dict[str, OwnLoad | None] = field(default_factory=dict)
    _working: dict[tuple[str, str], bool] = field(default_factory=dict)
    _around: dict[tuple[str, str, Format, str], LoadStep] = field(default_factory=dict)

    def index(self, plan: Plan) -> None:
        """Take in a plan, to find the controls of its steps."""
        for step in plan.saves:
            self._saves[step.saver.id, step.recipe.name, str(step.format)] = step
        self._loads.update({(step.save.key, step.loader.id): step for step in plan.loads})
        self.index_donors(plan)

    def index_donors(self, plan: Plan) -> None:
        """Add loads that show which environment may save again; they get no verdict."""
        for step in plan.loads:
            save = step.save
            self._around[save.saver.id, save.recipe.name, save.format, step.loader.id] = step

    def load_of(self, save: SaveStep, loader: Environment) -> LoadStep | None:
        """Return the plan's step of a cell."""
        return self._loads.get((save.key, loader.id))

    def evidence(self, key: str, *, keep: bool = False) -> Evidence | None:
        """Return what the store holds under a key. ``keep``: it will be asked for again."""
        if key in self._evidence:
            return self._evidence[key]
        data: dict[str, Any] | None = self.database.get(key)
        try:
            found = evidence_from_json(data) if data is not None else None
        except MalformedEvidenceError as error:
            raise MalformedEvidenceError(str(error), key) from error
        if keep:
            self._evidence[key] = found
        return found

    def identity(self, environment: Environment) -> KerasIdentity:
        """Return the Keras of an environment, by what it reported when it last started."""
        if environment.id not in self._identities:
            facts = self._facts_of(environment)
            self._identities[environment.id] = identity_from_modules(
                environment, dict(facts.get("versions", ())), dict(facts.get("packages", ()))
            )
        return self._identities[environment.id]

    def python(self, environment: Environment) -> str:
        """Return the Python of an environment, to the patch if it has ever started."""
        versions: dict[str, str] = dict(self._facts_of(environment).get("versions", ()))
        return versions.get("python", environment.installation.python)

    def _facts_of(self, environment: Environment) -> dict[str, Any]:
        if environment.id not in self._facts:
            self._facts[environment.id] = self.database.facts(self.digest(environment)) or {}
        return self._facts[environment.id]

    def tolerance(self, recipe: RecipeInfo) -> Tolerance:
        """Return the recipe's own tolerance, else the matrix's."""
        return recipe.tolerance or self.spec.tolerance

    # Saves

    def evaluate_save(self, save: SaveStep) -> SaveFinding:
        """Return the status of an artifact."""
        if save.saver.id in self.down:
            return SaveFinding(
                status=ArtifactStatus.UNAVAILABLE, reason=self.down[save.saver.id][1]
            )
        evidence = self.evidence(save.key, keep=True)
        if evidence is None:
            reason = self.why_unanswered(save) or "not saved yet"
            return SaveFinding(status=ArtifactStatus.MISSING, reason=reason)
        return evaluate_save(
            evidence,
            writes_control=self._writes_control(save),
            is_control=save.recipe.name == self.control.name,
            tolerance=self.tolerance(save.recipe),
        )

    def _writes_control(self, save: SaveStep) -> bool:
        control = self._saves.get((save.saver.id, self.control.name, str(save.format)), save)
        evidence = self.evidence(control.key, keep=True)
        return evidence is not None and evidence.failure is None and not evidence.not_available

    # Loads

    def reader(self, load: LoadStep) -> Evidence | None:
        """Return the control's refusal if the loader has no reader for this format, else None."""
        own = self._saves.get((load.loader.id, self.control.name, str(load.save.format)))
        asked = self._control_load(load)
        if own is None or has_reader(writes_control=self._writes_control(own), control_load=asked):
            return None
        return asked

    def _control_load(self, load: LoadStep) -> Evidence | None:
        """Return what the loader made of the same saver's control model in the same format."""
        place = (load.save.saver.id, self.control.name, str(load.save.format))
        save = self._saves.get(place)
        step = self._loads.get((save.key, load.loader.id)) if save is not None else None
        return self.evidence(step.key, keep=True) if step is not None else None

    def evaluate_load(self, load: LoadStep, data: Evidence) -> Finding:
        """Return the finding for one load, in whatever way it was done."""
        saved = self.evidence(load.save.key, keep=True)
        if saved is None:
            return Finding(
                verdict=Verdict.MISSING,
                code=FindingCode.ARTIFACT_GONE,
                reason="its artifact is gone",
            )
        return decide(
            Question(
                format=load.save.format,
                tolerance=self.tolerance(load.save.recipe),
                save=saved,
                load=data,
                reader=load.way != AS_IS or self.reader(load) is None,
            )
        )

    # Round trips

    def in_its_row(self, load: LoadStep, finding: Finding) -> Finding:
        """The finding of a load as is, in the light of the saver's own load of the artifact."""
        if not finding.verdict.failing:
            return finding
        save = load.save
        if save.saver.id == load.loader.id:
            return of_own_load(finding, works=self._works(save.saver, save.format))
        return of_other_load(finding, self._own_load(save))

    def causes(self, load: LoadStep, as_is: AsIs, finding: Finding) -> tuple[Signature, ...]:
        """The known failures behind a cell: of the saver's own load where the file lacks it."""
        own = self._own_step(load.save)
        own_as_is = self.as_is(own) if own is not None else None
        if finding.code is FindingCode.FILE_LACKS_IT and own is not None and own_as_is is not None:
            return self.signatures(own, own_as_is.evidence, own_as_is.finding)
        return self.signatures(load, as_is.evidence, as_is.finding)

    def _own_step(self, save: SaveStep) -> LoadStep | None:
        """The saver's load of its own artifact; in a shard it may be among the donors' alone."""
        place = (save.saver.id, save.recipe.name, save.format, save.saver.id)
        return self._loads.get((save.key, save.saver.id)) or self._around.get(place)

    def _own_load(self, save: SaveStep) -> OwnLoad | None:
        """What the saver made of its own artifact; None where it was not asked."""
        if save.key not in self._own:
            self._own[save.key] = self._asked_own_load(save)
        return self._own[save.key]

    def _asked_own_load(self, save: SaveStep) -> OwnLoad | None:
        load = self._own_step(save)
        as_is = self.as_is(load) if load is not None else None
        if load is None or as_is is None or not self._works(save.saver, save.format):
            return None  # a broken environment says nothing about its files
        remedied = as_is.finding.verdict.failing and bool(self.fallbacks(load, as_is).remedy)
        return OwnLoad(finding=as_is.finding, remedied=remedied)

    def _works(self, environment: Environment, format_: Format) -> bool:
        """Whether an environment loads its own files in a format."""
        place = (environment.id, str(format_))
        if place not in self._working:
            saves = [
                save for (saver, _, saved), save in self._saves.items() if (saver, saved) == place
            ]
            control = [save for save in saves if save.recipe.name == self.control.name]
            first = next(self._own_verdicts(control), None)
            # Lazily: where the control model comes back, the others are not looked at.
            others = (save for save in saves if save.recipe.name != self.control.name)
            self._working[place] = environment_works(first, self._own_verdicts(others))
        return self._working[place]

    def _own_verdicts(self, saves: Iterable[SaveStep]) -> Iterator[Verdict]:
        for save in saves:
            load = self._loads.get((save.key, save.saver.id))
            as_is = self.as_is(load) if load is not None else None
            if as_is is not None:
                yield as_is.finding.verdict

    # Fallbacks

    def fallbacks(self, load: LoadStep, as_is: AsIs) -> Fallbacks:
        """Return what else was tried for a cell, and what is to be tried next."""
        saved = self.evidence(load.save.key, keep=True)
        verdict = as_is.finding.verdict
        if verdict not in NEEDS_FALLBACK or saved is None or saved.ending is not Ending.DONE:
            return Fallbacks()
        seen = self.signatures(load, as_is.evidence, as_is.finding)
        situation = situation_of(load, verdict, saved, self.identity, _suggested(seen))
        followed = follow(
            load, situation, self.evidence, self.evaluate_load, partial(self._script, load)
        )
        if followed.remedy is not None or followed.following is not None:
            return followed
        return self._over_resaves(load, followed.attempts)

    def _over_resaves(self, load: LoadStep, attempts: tuple[AttemptResult, ...]) -> Fallbacks:
        """Return the last fallbacks: another environment saves the artifact again."""
        for resave in resaves(load, self._donor_loads(load), Format, self._reads(load)):
            again = self._kept(
                script_to_save_again(self._loading(resave.donor_load), resave.format)
            )
            step = resave.save_again(again)
            evidence = self.evidence(step.key)
            if evidence is None:
                return Fallbacks(attempts=attempts, following=step)
            artifact = self.database.artifact_of(step.key)
            if artifact is not None:
                step = resave.load_of(load, artifact, self._script_of_resaved(load, resave.format))
                evidence = self.evidence(step.key)
                if evidence is None:
                    return Fallbacks(attempts=attempts, following=step)
            finding = self.evaluate_load(step, evidence)
            before = again if artifact is not None else None
            attempts += (attempt_result(resave.id, step, evidence, finding, before),)
            if attempts[-1].verified:
                break
        return Fallbacks(attempts=attempts)

    # Scripts

    def _loading(self, load: LoadStep) -> Loading:
        """What the script of a load depends on."""
        return Loading(
            format=load.save.format,
            environment=load.loader,
            identity=self.identity(load.loader),
            supplied=load.save.recipe.supplies,
            legacy_weights=self.identity(load.save.saver).writes_legacy_weights,
        )

    def _script(self, load: LoadStep, route: str) -> Script:
        return self._kept(script_of(route, self._loading(load)))

    def _script_of_resaved(self, load: LoadStep, format_: Format) -> Script:
        return self._kept(
            script_of(AS_IS, replace(self._loading(load), format=format_, stem=AGAIN))
        )

    def _kept(self, script: Script) -> Script:
        self.scripts[script.id] = script
        return script

    def _donor_loads(self, load: LoadStep) -> Iterator[LoadStep]:
        """Return loads of the same artifact in other environments that predict the same."""
        for environment in self.spec.environments:
            save = load.save
            place = (save.saver.id, save.recipe.name, save.format, environment.id)
            step = self._around.get(place)
            if environment.id != load.loader.id and step is not None and self._is_safe(step):
                yield step

    def _reads(self, load: LoadStep) -> Reads:
        def reads(saver: str, format_: Format, loader: Environment) -> bool:
            step = self._around.get((saver, load.save.recipe.name, format_, loader.id))
            return step is not None and self._is_safe(step)

        return reads

    def _is_safe(self, load: LoadStep) -> bool:
        if load.key not in self._safe:
            as_is = self.as_is(load) if load.loader.id not in self.down else None
            self._safe[load.key] = as_is is not None and as_is.finding.verdict.safe
        return self._safe[load.key]

    def signatures(
        self, load: LoadStep, evidence: Evidence, finding: Finding
    ) -> tuple[Signature, ...]:
        """Return the known failures that a load shows, the most telling first."""
        saved = self.evidence(load.save.key, keep=True)
        if saved is None or not worth_recognising(finding.verdict):
            return ()
        layer = self.first_different_layer(load) if finding.outputs is not None else None
        symptoms = symptoms_of(
            load,
            evidence,
            finding,
            saved,
            saver=versions_of(self.identity(load.save.saver), self.python(load.save.saver)),
            loader=versions_of(self.identity(load.loader), self.python(load.loader)),
            first_layer=layer.layer_class if layer is not None else None,
        )
        known = {signature.id: signature for signature in load_signatures()}
        failing = finding.verdict.failing
        seen = (known[name] for name in recognise(symptoms, load_signatures()))
        return tuple(signature for signature in seen if not (failing and signature.harmless))

    def signatures_of_save(self, save: SaveStep) -> tuple[Signature, ...]:
        """The known failures that a save shows which wrote nothing."""
        evidence = self.evidence(save.key, keep=True)
        if evidence is None:
            return ()
        setting = versions_of(self.identity(save.saver), self.python(save.saver))
        symptoms = symptoms_of_save(save, evidence, setting)
        known = {signature.id: signature for signature in load_signatures()}
        return tuple(known[name] for name in recognise(symptoms, load_signatures()))

    def first_different_layer(self, load: LoadStep) -> LayerOutput | None:
        """Where a drift begins, once the load was done again layer by layer."""
        explained = self.evidence(explaining_step(load).key)
        saved = self.evidence(load.save.key, keep=True)
        if explained is None or saved is None:
            return None
        return first_different_layer(saved, explained, self.tolerance(load.save.recipe))

    def as_is(self, load: LoadStep) -> AsIs | None:
        """Return what came of loading as a user would first try it.

        Without evidence of its own the control's refusal speaks for a cell; None where nothing
        does.
        """
        own = self.evidence(load.key)
        evidence = own if own is not None else self.reader(load)
        if evidence is None:
            return None
        finding = self.evaluate_load(load, evidence)
        return AsIs(evidence=evidence, finding=finding, own=own is not None)


def _suggested(signatures: tuple[Signature, ...]) -> tuple[str, ...]:
    routes = [remedy.route for signature in signatures for remedy in signature.remedies]
    return tuple(dict.fromkeys(str(route) for route in routes if route is not None))
