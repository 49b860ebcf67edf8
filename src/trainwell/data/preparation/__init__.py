"""From raw rows to inputs, fitted on the training rows only.

preparation.py: all that a saved model needs of its data; inputs.py: the inputs of tables and of arrays; steps.py: what
tables are made inputs by (numbers, categories); offsets.py: columns that float32 cannot hold; scaling.py: zero mean and
unit variance.
"""
