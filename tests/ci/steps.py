"""Steps of workflow files, taken from the very file and run as a runner would, without its host."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
CHECK = ROOT / "check" / "action.yml"
ACTIONS = (ACTION, CHECK)
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` means there


def read(path):
    """A workflow or an action. The key `on` is YAML 1.1's true."""
    return yaml.safe_load(path.read_text("utf-8"))


def step(path, name, job=None):
    """One step by its name."""
    data = read(path)
    steps = data["runs"]["steps"] if job is None else data["jobs"][job]["steps"]
    (found,) = [one for one in steps if one.get("name") == name]
    return found


def run_steps():
    """(file, job, step) of every step with a script."""
    for path in [*WORKFLOWS, *ACTIONS]:
        data = read(path)
        jobs = data["jobs"].items() if "jobs" in data else [(None, data["runs"])]
        for job, content in jobs:
            for one in content["steps"]:
                if "run" in one:
                    yield path, job, one


@dataclass
class Runner:
    """A machine of a host that is not there: its variables, its files, programs that play it."""

    folder: Path  # an empty one
    work: Path  # the checkout, where steps begin
    variables: dict = field(default_factory=dict)

    def __post_init__(self):
        self.temp = self.folder / "temp"
        self.bin = self.folder / "bin"
        for place in (self.temp, self.bin, self.work):
            place.mkdir(parents=True, exist_ok=True)
        self.output = self.folder / "output"
        self.summary = self.folder / "summary.md"
        for file in (self.output, self.summary):
            file.touch()

    def program(self, name, script):
        """A program that is found before the machine's own."""
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def run(self, one, expressions=None, check=True, seconds=900):
        """Run a step's script; its `env` is filled in from ``expressions``, and must be whole."""
        known = {"runner.temp": str(self.temp), **(expressions or {})}

        def value(match):
            return known[match[1]]

        given = {
            name: EXPRESSION.sub(value, str(text)) for name, text in one.get("env", {}).items()
        }
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("GITHUB_", "RUNNER_", "KMATRIX_", "PYTEST_", "PYTHONPATH"))
        }
        environment = {
            **kept,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_REPOSITORY": "somebody/models",
            "GITHUB_SERVER_URL": "https://git.example",
            "GITHUB_RUN_ID": "77",
            "RUNNER_TEMP": str(self.temp),
            **self.variables,
            **given,
        }
        script = self.folder / "step.sh"
        script.write_text(one["run"], "utf-8")
        done = subprocess.run(
            [*SHELL, str(script)],
            cwd=self.work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if check:
            assert done.returncode == 0, f"{one.get('name')}\n{done.stdout}\n{done.stderr}"
        return done

    def outputs(self):
        """What steps wrote into $GITHUB_OUTPUT."""
        lines = self.output.read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line)
