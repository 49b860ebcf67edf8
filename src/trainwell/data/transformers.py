"""Fitted scikit-learn transformers as bytes, in skops' format, and back without running anything else."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from trainwell.core.errors import DataError

# Every type in the files this package writes. One that is not here is refused before anything is built.
ALLOWED = {
    "builtins.dict",
    "builtins.list",
    "builtins.str",
    "builtins.tuple",
    "numpy.dtype",
    "numpy.float32",
    "numpy.ndarray",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.preprocessing._encoders.OneHotEncoder",
}

LOADERS = {"DictNode", "DTypeNode", "JsonNode", "ListNode", "NdArrayNode", "ObjectNode", "TupleNode", "TypeNode"}


def dump_transformers(transformers: dict[str, Any]) -> bytes:
    """Fitted transformers by name, as the bytes of a skops file."""
    import skops.io

    return bytes(skops.io.dumps(transformers))


def load_transformers(content: bytes) -> dict[str, Any]:
    """The inverse of `dump_transformers`, for these types only.

    Raises:
        DataError: the content is damaged, or names a type that a preparation does not have.
    """
    import skops.io

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            schema = json.loads(archive.read("schema.json"))
        foreign = set(_types(schema)) - ALLOWED - LOADERS
        if foreign:
            raise DataError(f"the saved preparation holds the type {min(foreign)}, which no preparation has: refused")
        loaded = skops.io.loads(content, trusted=sorted(ALLOWED))
    except DataError:
        raise
    except Exception as error:  # damaged bytes fail in many ways inside zipfile, json, NumPy and skops
        raise DataError(f"the saved preparation's transformers are damaged ({error}): save the model again") from error
    if not isinstance(loaded, dict):
        raise DataError("the saved preparation's transformers are damaged (no dictionary): save the model again")
    return loaded


def _types(node: object) -> Iterator[str]:
    """Every type and every kind of node that a skops schema names."""
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__')}.{node['__class__']}"
        if "__loader__" in node:
            yield str(node["__loader__"])
        for value in node.values():
            yield from _types(value)
    elif isinstance(node, list):
        for value in node:
            yield from _types(value)
