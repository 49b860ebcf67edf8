"""Where data come from, as arrays or raw tables.

`opening`: what a name or a file is, and tables by their suffix; `builtin`: sets known by name (`download`: files
fetched and verified); `npz`: archives of arrays; `delimited_text`: CSV and its kin; `frames`: data frames;
`raw`: what all of them give.
"""
