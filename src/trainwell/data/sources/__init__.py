"""Where data come from, as arrays or raw tables.

opening.py: which source a name or a file is; builtin.py: sets known by name (download.py: files fetched and verified);
npz.py: archives of arrays; tables.py: table files by suffix; delimited_text.py: CSV and its kin; raw.py: what all give.
"""
