"""`trainwell train`: one recipe, several seeds, a saved model."""
