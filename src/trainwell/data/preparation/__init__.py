"""From raw rows to inputs, fitted on the training rows only.

`preparation`: all that a saved model needs of its data; `inputs`: the inputs of tables and of arrays; `steps`: what
tables are made inputs by (numbers, categories); `offsets`: columns that float32 cannot hold; `scaling`: zero mean and
unit variance; `fitted`: all of it as a network had it that is trained on.
"""
