"""Turns raw rows into a network's inputs. Everything is fitted on the training rows only.

`preparation`: everything that a saved model needs to prepare new data; `inputs`: prepares tables and arrays; `steps`:
the transformers of numeric and categorical columns; `offsets`: columns that float32 cannot represent; `scaling`: zero
mean and unit variance; `fitted`: the preparation of another, already trained network.
"""
