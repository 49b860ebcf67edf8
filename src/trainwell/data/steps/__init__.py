"""Steps of the preparation of tables: each turns some columns into inputs, and can be saved without pickle.

A new kind of step is a class like these two and an entry in `STEPS` (`table_inputs.py`).
"""
