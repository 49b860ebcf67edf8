"""The page of a comparison: ranking, pairs, curves, tuning, times, and all data sets together."""
