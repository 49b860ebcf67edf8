"""The page of a trained population, and what comparisons draw of one: summaries, curves, labels, what recipes share."""
