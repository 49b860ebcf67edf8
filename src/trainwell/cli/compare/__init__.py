"""`trainwell compare`: a fair comparison with a verdict on every pair."""
