"""Checkpoints: safetensors files with the states of blocks of members, from which a killed process resumes."""

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
HEADER_BYTES = 1 << 20
"""Largest size of a file's header per member."""
SNAPSHOT_BYTES = 16 << 20
"""Largest size of the arrays of one snapshot."""


@dataclass(frozen=True)
class Checkpoints:
    """A folder with one checkpoint file per block, replaced after every chunk.

    A file holds the block's whole state and its observations so far. Rows, learning rates and dropout masks depend
    only on seed and update, so a resumed member ends with the same result.

    A file that is damaged, or belongs to other recipes, seeds, data or another version, is never used. The logger
    `trainwell` then warns, and the block's members start from the beginning.

    Args:
        folder: folder of the files; None stores nothing.
        initial: initial weights given for each member; empty if none were given.
        snapshots: updates at which named arrays of each member are kept; the files store these, too.
    """

    folder: Path | None
    initial: Sequence[PyTree] = ()
    snapshots: Collection[int] = ()
    _owners: dict[int, dict[str, Any]] = field(default_factory=dict)
    _checksums: dict[int, tuple[Any, str]] = field(default_factory=dict)  # holds the trees, so their ids stay unique

    def save(self, lanes: Sequence[Lane], state: Any) -> None:
        """Replace the block's file atomically."""
        if self.folder is None or self._file(lanes).is_dir():  # `load` has warned of a folder with the file's name
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
        """Restore the lanes and return the saved state; without a usable file, return `state` and change nothing."""
        if self.folder is None:
            return state
        path = self._file(lanes)
        try:
            return self._restored(
                read_checked(path, _most_bytes(lanes, state) + SNAPSHOT_BYTES * len(self.snapshots)), lanes, state
            )
        except FileNotFoundError:
            return state
        except OSError as error:
            wrong = f"cannot be read ({error.strerror or error})"
        except ValueError as error:
            wrong = str(error)
        except (SafetensorError, LookupError, TypeError, AttributeError) as error:
            wrong = f"is not a checkpoint ({error})"
        LOG.warning("%s %s: it is ignored, its members are trained from the start", path, wrong)
        return state

    def _restored(self, content: bytes, lanes: Sequence[Lane], state: Any) -> Any:
        """The state in a file; also restores the lanes.

        Raises:
            ValueError: the file belongs to other members.
        """
        size = int.from_bytes(content[:8], "little")
        header = parse_json(content[8 : 8 + size])["__metadata__"]
        for lane, stored in zip(lanes, parse_json(header["of"].encode()), strict=True):
            if self._owner(lane) != stored:
                differs = first_difference(self._owner(lane), stored)
                raise ValueError(f"belongs to another run ({differs or 'its settings differ'})")
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
        """Everything that determines a member's states, as JSON values."""
        member = lane.member
        if member.index not in self._owners:
            self._owners[member.index] = {
                "version of trainwell": __version__,
                "member": member.index,
                "seed": member.seed,
                "training": member.training.model_dump(mode="json"),
                "functions": fingerprints([member.training]),
                "problem": member.problem.facts,
                "data": self._checksum(member.problem.data),
                "initial weights": self._checksum(self.initial[member.index] if self.initial else None),
                **({"snapshots": sorted(self.snapshots)} if self.snapshots else {}),
            }
        return self._owners[member.index]

    def _checksum(self, tree: PyTree) -> str:
        """SHA-256 of the arrays in `tree`, computed once per tree."""
        if id(tree) not in self._checksums:
            digest = hashlib.sha256()
            for leaf in map(np.asarray, jax.tree.leaves(tree)):
                digest.update(f"{leaf.dtype.str}{leaf.shape}".encode())
                digest.update(np.ascontiguousarray(leaf).data)
            self._checksums[id(tree)] = tree, digest.hexdigest()
        return self._checksums[id(tree)][1]

    def _file(self, lanes: Sequence[Lane]) -> Path:
        assert self.folder is not None
        members = [lane.member.index for lane in lanes]
        name = f"members-{members[0]:05d}-{members[-1]:05d}-{len(members)}"
        if len(members) > 1:  # another rung's block may have the same first and last member
            name += f"-{sha256(repr(members).encode())[:8]}"
        return self.folder / f"{name}.safetensors"


def _kept(arrays: Mapping[str, np.ndarray], prefix: str) -> list[tuple[int, PyTree]]:
    """A member's snapshots in ascending order of updates."""
    kept: dict[int, dict[str, np.ndarray]] = {}
    for name in (name for name in arrays if name.startswith(prefix)):
        step, own = name.removeprefix(prefix).split("/")
        kept.setdefault(int(step), {})[own] = arrays[name]
    return sorted(kept.items())


def _most_bytes(lanes: Sequence[Lane], state: Any) -> int:
    """Largest possible size of a checkpoint in bytes: header, state, and 8 bytes for each observed value."""
    names = len(lanes[0].member.problem.observed) + 2  # `loss/batches` and `evaluations`
    points = jax.tree.leaves(state)[0].shape[0] if lanes[0].member.problem.cohort else 1
    seen = sum(8 * names * points * lane.member.points.count for lane in lanes)
    return tree_bytes(state) + seen + HEADER_BYTES * len(lanes)
