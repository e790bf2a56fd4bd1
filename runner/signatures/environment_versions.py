"""An environment as signatures see it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.signature import EnvironmentVersions

if TYPE_CHECKING:
    from runner.model.keras_identity import KerasIdentity


def versions_of(identity: KerasIdentity, python: str) -> EnvironmentVersions:
    """Return the versions of an environment. python: ``3.9`` or ``3.9.18``."""
    return EnvironmentVersions(
        keras=identity.version,
        tensorflow=identity.tensorflow,
        backend=str(identity.backend),
        python=python,
        api=str(identity.api),
    )
