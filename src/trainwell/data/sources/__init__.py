"""Where data come from, as arrays or raw tables.

builtin.py: scikit-learn's small sets; images.py, idx.py, download.py: MNIST and Fashion-MNIST; npz.py: archives of
arrays; tables.py: table files by suffix; delimited_text.py: CSV and its kin; raw_table.py: a table as its file has it.
"""
