"""Options that several commands have, each group as one dataclass, and values as they are written there."""
