"""States of blocks of members between chunks, as safetensors files: what a killed process resumes from."""

import hashlib
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree
from safetensors import SafetensorError
from safetensors.numpy import load, save

from trainwell.core import first_difference, parse_json, read_checked, sha256, write_checked
from trainwell.training.engine.population import Lane
from trainwell.training.engine.problem import tree_bytes
from trainwell.training.recipe.contenders import fingerprints
from trainwell.version import __version__

LOG = logging.getLogger("trainwell")
AROUND = 1 << 20
"""Bytes that a file may have beside its arrays: their names, and whose they are."""
BESIDE = 16 << 20
"""And for what is kept at a snapshot."""


@dataclass(frozen=True)
class Checkpoints:
    """A folder with one file per block, replaced after every chunk; None keeps nothing.

    A file holds the block's whole state and what was observed so far, so a member resumes exactly where it was.
    Since rows, learning rates and dropout masks depend on seed and update alone, the result is the same.

    A file that was damaged, or is of other recipes, seeds, data or versions, is never used: that is logged as a
    warning of the logger `trainwell`, and the block's members start anew.

    Args:
        folder: where the files are.
        initial: what each member starts from in place of its own initial weights; empty if none does.
        snapshots: updates at which something is kept of each member: named arrays, which are in the files, too.
    """

    folder: Path | None
    initial: Sequence[PyTree] = ()
    snapshots: Collection[int] = ()
    _owners: dict[int, dict[str, Any]] = field(default_factory=dict)
    _checksums: dict[int, tuple[Any, str]] = field(default_factory=dict)  # with the trees, so that they keep their ids

    def save(self, lanes: Sequence[Lane], state: Any) -> None:
        """Replace the block's file; whoever is killed meanwhile leaves the old one whole."""
        if self.folder is None or self._file(lanes).is_dir():  # that was said when it could not be read
            return
        arrays = {f"state/{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
        for i, lane in enumerate(lanes):
            arrays |= {f"seen/{i}/{name}": values for name, values in lane.history().items()}
            for step, kept in lane.snapshots:
                arrays |= {f"kept/{i}/{step}/{name}": values for name, values in kept.items()}
        facts = [
            {"step": lane.step, "observed": lane.observed, "status": lane.status, "seconds": lane.seconds}
            for lane in lanes
        ]
        header = {"of": json.dumps([self._owner(lane) for lane in lanes]), "lanes": json.dumps(facts)}
        write_checked(
            self._file(lanes), save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, header)
        )

    def load(self, lanes: Sequence[Lane], state: Any) -> Any:
        """Put the lanes where they were saved and return the state; without a file to use, all stays as given."""
        if self.folder is None:
            return state
        path = self._file(lanes)
        try:
            return self._restored(
                read_checked(path, _most_bytes(lanes, state) + BESIDE * len(self.snapshots)), lanes, state
            )
        except FileNotFoundError:
            return state
        except OSError as error:
            wrong = f"cannot be read ({error.strerror or error})"
        except ValueError as error:
            wrong = str(error)
        except (SafetensorError, LookupError, TypeError, AttributeError) as error:
            wrong = f"is no checkpoint ({error})"
        LOG.warning("%s %s: it is not used, its members are trained from the start", path, wrong)
        return state

    def _restored(self, content: bytes, lanes: Sequence[Lane], state: Any) -> Any:
        """The state in a file, and the lanes where it left them; nothing is changed where it does not fit.

        Raises:
            ValueError: it is of other members.
        """
        size = int.from_bytes(content[:8], "little")
        header = parse_json(content[8 : 8 + size])["__metadata__"]
        for lane, stored in zip(lanes, parse_json(header["of"].encode()), strict=True):
            if self._owner(lane) != stored:
                differs = first_difference(self._owner(lane), stored)
                raise ValueError(f"is of another run ({differs or 'its recipe is another'})")
        arrays, facts = load(content), parse_json(header["lanes"].encode())
        leaves, structure = jax.tree.flatten(state)
        restored = [arrays[f"state/{i}"].reshape(np.shape(leaf)) for i, leaf in enumerate(leaves)]
        for i, (lane, fact) in enumerate(zip(lanes, facts, strict=True)):
            prefix = f"seen/{i}/"
            seen = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
            lane.restore(seen, **fact)
            lane.snapshots = _kept(arrays, f"kept/{i}/")
        return jax.tree.unflatten(structure, restored)

    def _owner(self, lane: Lane) -> dict[str, Any]:
        """All that a member's states follow from, as JSON values."""
        entry = lane.entry
        if entry.index not in self._owners:
            self._owners[entry.index] = {
                "version of trainwell": __version__,
                "member": entry.index,
                "seed": entry.member.seed,
                "recipe": entry.recipe.model_dump(mode="json"),
                "functions": fingerprints([entry.recipe]),
                "data": self._checksum(entry.problem.data),
                "initial weights": self._checksum(self.initial[entry.index] if self.initial else None),
                **({"snapshots": sorted(self.snapshots)} if self.snapshots else {}),
            }
        return self._owners[entry.index]

    def _checksum(self, tree: PyTree) -> str:
        """SHA-256 of the arrays in `tree`, computed once for each."""
        if id(tree) not in self._checksums:
            digest = hashlib.sha256()
            for leaf in map(np.asarray, jax.tree.leaves(tree)):
                digest.update(f"{leaf.dtype.str}{leaf.shape}".encode())
                digest.update(np.ascontiguousarray(leaf).data)
            self._checksums[id(tree)] = tree, digest.hexdigest()
        return self._checksums[id(tree)][1]

    def _file(self, lanes: Sequence[Lane]) -> Path:
        assert self.folder is not None
        members = [lane.entry.index for lane in lanes]
        name = f"members-{members[0]:05d}-{members[-1]:05d}-{len(members)}"
        if len(members) > 1:  # after a rung, others may share a block between the same ends
            name += f"-{sha256(repr(members).encode())[:8]}"
        return self.folder / f"{name}.safetensors"


def _kept(arrays: Mapping[str, np.ndarray], prefix: str) -> list[tuple[int, PyTree]]:
    """What was kept of a member, by its updates."""
    kept: dict[int, dict[str, np.ndarray]] = {}
    for name in (name for name in arrays if name.startswith(prefix)):
        step, own = name.removeprefix(prefix).split("/")
        kept.setdefault(int(step), {})[own] = arrays[name]
    return sorted(kept.items())


def _most_bytes(lanes: Sequence[Lane], state: Any) -> int:
    """Bytes that a checkpoint can have: the state, and every observation there can be, 8 bytes each."""
    names = len(lanes[0].entry.problem.observed) + 2  # the mean over batches, and evaluations of line searches
    points = jax.tree.leaves(state)[0].shape[0] if lanes[0].entry.problem.cohort else 1
    seen = sum(8 * names * points * lane.entry.points.count for lane in lanes)
    return tree_bytes(state) + seen + AROUND * len(lanes)
