"""First-order update rules, one per file; `plain` has them as classes."""
