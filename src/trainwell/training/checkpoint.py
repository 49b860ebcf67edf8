"""States of blocks of members between chunks, as safetensors files: what a killed process resumes from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from trainwell.core.errors import RunError
from trainwell.core.files import write_atomic

if TYPE_CHECKING:
    from trainwell.training.block import Lane


@dataclass(frozen=True)
class Checkpoints:
    """A folder with one file per block, replaced after every chunk; None keeps nothing.

    A file holds the block's whole state and what was observed so far, so a member resumes exactly where it was.
    Since rows, learning rates and dropout masks depend on seed and update alone, the result is the same.
    """

    folder: Path | None

    def save(self, lanes: Sequence["Lane"], state: Any) -> None:
        """Replace the block's file; whoever is killed meanwhile leaves the old one whole."""
        if self.folder is None:
            return
        arrays = {f"state/{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
        for i, lane in enumerate(lanes):
            arrays |= {f"seen/{i}/{name}": values for name, values in lane.history().items()}
        facts = [
            {"step": lane.step, "observed": lane.observed, "status": lane.status, "seconds": lane.seconds}
            for lane in lanes
        ]
        write_atomic(self._file(lanes), save(_whole(arrays), {"lanes": json.dumps(facts)}))

    def load(self, lanes: Sequence["Lane"], state: Any) -> Any:
        """Put the lanes where they were saved and return the state; without a file, all stays as given."""
        if self.folder is None or not self._file(lanes).exists():
            return state
        path = self._file(lanes)
        try:
            arrays = load_file(path)
            facts = json.loads(_header(path)["lanes"])
            leaves, structure = jax.tree.flatten(state)
            restored = [arrays[f"state/{i}"].reshape(np.shape(leaf)) for i, leaf in enumerate(leaves)]
            for i, (lane, fact) in enumerate(zip(lanes, facts, strict=True)):
                prefix = f"seen/{i}/"
                seen = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
                lane.restore(seen, **fact)
        except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
            raise RunError(
                f"{path}: not a checkpoint of this run ({error}); delete it to train its members again"
            ) from None
        return jax.tree.unflatten(structure, restored)

    def _file(self, lanes: Sequence["Lane"]) -> Path:
        assert self.folder is not None
        first, last = lanes[0].entry.index, lanes[-1].entry.index
        return self.folder / f"members-{first:05d}-{last:05d}-{len(lanes)}.safetensors"


def _whole(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _header(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        metadata: dict[str, str] = json.loads(file.read(size))["__metadata__"]
    return metadata
