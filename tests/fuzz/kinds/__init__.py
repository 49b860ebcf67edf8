"""Every kind of input, and its share of a whole run."""

from fuzz.guards import Kind
from fuzz.kinds.arrays import Idx, Npz
from fuzz.kinds.models import EditedModels, Models
from fuzz.kinds.runs import COMMANDS, Runs
from fuzz.kinds.settings import Recipes, Spaces
from fuzz.kinds.tables import Csv, Parquet

_ALL: tuple[tuple[Kind, int], ...] = (
    (Csv(), 20),
    (Parquet(), 15),
    (Npz(), 15),
    (Idx(), 10),
    (Recipes(), 10),
    (Spaces(), 10),
    (Models(), 10),
    (EditedModels(), 10),
    *((Runs(command), 10) for command in COMMANDS),
)
KINDS = {kind.name: kind for kind, _ in _ALL}
SHARES = {kind.name: share for kind, share in _ALL}
