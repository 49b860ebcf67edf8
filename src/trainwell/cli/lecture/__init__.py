"""`trainwell lecture`: make the lecture's figures and test its statements."""
