"""Statements on batch normalization, a file each; the file's name says which."""
