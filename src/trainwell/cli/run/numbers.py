"""Numbers as JSON values, which know neither NaN nor infinity, and what there is to know of data."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from trainwell.data import Dataset


def finite(value: Any) -> Any:
    """A number for JSON: None where it is not finite; containers item by item."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def data_facts(dataset: Dataset, source: str) -> dict[str, Any]:
    """What there is to know of the data, as JSON values; the test split is only counted."""
    return {
        "source": source,
        "name": dataset.name,
        "task": dataset.task,
        "rows": {
            "training": len(dataset.training),
            "validation": len(dataset.validation),
            "test": dataset.num_test,
        },
        "features": dataset.num_features,
        "classes": list(dataset.class_names),
        "fingerprint": dataset.fingerprint,
        "notices": list(dataset.notices),
    }
