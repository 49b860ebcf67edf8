"""`trainwell lecture`: the lecture's statements, put to the test."""
