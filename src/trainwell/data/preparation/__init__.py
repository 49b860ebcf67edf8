"""From raw rows to inputs, fitted on the training rows only.

preparation.py: all that a saved model needs of its data; table_inputs.py: tables, by the steps in steps.py (numbers,
categories); array_inputs.py: arrays and images; offsets.py: columns that float32 cannot hold; scaling.py: zero mean and
unit variance.
"""
