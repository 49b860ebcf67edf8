"""`trainwell recipe`: recipe files shown, checked and written."""
