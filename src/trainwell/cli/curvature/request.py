"""What a run of `curvature` was asked for."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from trainwell.core import sha256


@dataclass(frozen=True)
class CurvatureRequest:
    """All that a run of `curvature` depends on, but for versions and the machine.

    Attributes:
        folder: the model's, whole.
        network: which of its networks, from 1.
        fingerprint: of the rows.
        probes: random vectors.
        steps: products for each.
        seed: of the vectors.
        precision: of the arithmetic.
    """

    folder: Path
    network: int
    fingerprint: str
    probes: int
    steps: int
    seed: int
    precision: str
    command: str = "curvature"

    @cached_property
    def model(self) -> str:
        """The checksum of the model's manifest, which holds those of its files."""
        return sha256((self.folder / "manifest.json").read_bytes())

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "command": self.command,
            "model": self.model,
            "network": self.network,
            "data": self.fingerprint,
            "probes": self.probes,
            "steps": self.steps,
            "seed": self.seed,
            "precision": self.precision,
        }
