"""First-order update rules, one per file, and as plain objects (`plain.py`)."""
