"""Names of artifacts and cells: ``saver/recipe/format`` and ``saver/recipe/format/loader``."""

from __future__ import annotations

from dataclasses import dataclass

SEPARATOR = "/"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ArtifactId:
    """What one saver writes of one reference model in one format."""

    saver: str
    recipe: str
    format: str

    @classmethod
    def parse(cls, text: str) -> ArtifactId:
        """Read ``saver/recipe/format``. Raises ValueError."""
        saver, recipe, format_ = _split(text, 3, "saver/model/format")
        return cls(saver=saver, recipe=recipe, format=format_)

    def read_by(self, loader: str) -> CellId:
        """Return the cell of this artifact and a loader."""
        return CellId(saver=self.saver, recipe=self.recipe, format=self.format, loader=loader)

    def __str__(self) -> str:
        return SEPARATOR.join((self.saver, self.recipe, self.format))


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class CellId:
    """One artifact, read by one loader."""

    saver: str
    recipe: str
    format: str
    loader: str

    @classmethod
    def parse(cls, text: str) -> CellId:
        """Read ``saver/recipe/format/loader``. Raises ValueError."""
        saver, recipe, format_, loader = _split(text, 4, "saver/model/format/loader")
        return cls(saver=saver, recipe=recipe, format=format_, loader=loader)

    @property
    def artifact(self) -> ArtifactId:
        """What the loader reads."""
        return ArtifactId(saver=self.saver, recipe=self.recipe, format=self.format)

    @property
    def control(self) -> CellId:
        """The saver reading its own artifact."""
        return self.artifact.read_by(self.saver)

    @property
    def is_control(self) -> bool:
        """Whether saver and loader are the same environment."""
        return self.saver == self.loader

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Saver, recipe, format, loader."""
        return self.saver, self.recipe, self.format, self.loader

    def __str__(self) -> str:
        return SEPARATOR.join(self.parts)


def _split(text: str, count: int, form: str) -> list[str]:
    parts = text.split(SEPARATOR)
    if len(parts) != count or not all(parts):
        raise ValueError(f"{text!r} is not {form}")
    return parts
