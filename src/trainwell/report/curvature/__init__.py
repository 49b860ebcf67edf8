"""The page of a network's curvature: `page` has its numbers in words, its tables and its charts."""
