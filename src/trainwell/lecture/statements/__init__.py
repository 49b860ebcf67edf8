"""The lecture's statements, one per file: `STATEMENT`, whose parts are measured and decided by intervals."""
