"""The lecture's statements, one file each: `STATEMENT`, whose parts are measured and decided by intervals."""
