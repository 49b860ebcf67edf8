"""Statements on optimizers and on the shape of losses, a file each; the file's name says which."""
