"""Where data come from, as arrays or raw tables.

opening.py: what a name or a file is, and tables by their suffix; builtin.py: sets known by name (download.py: files
fetched and verified); npz.py: archives of arrays; delimited_text.py: CSV and its kin; raw.py: what all of them give.
"""
