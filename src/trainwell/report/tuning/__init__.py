"""The page of a search: its trials, ranges and rounds, and the recipes that were trained again."""
