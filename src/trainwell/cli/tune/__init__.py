"""`trainwell tune`: a search, an ensemble of the best, a page, a saved model."""
