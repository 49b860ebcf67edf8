"""`trainwell predict`: a saved model on rows."""
