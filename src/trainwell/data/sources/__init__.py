"""Reading data of every source, as arrays or raw tables.

`opening`: finds what a name or path stands for and reads it by its suffix; `builtin`: data sets known by name;
`download`: fetches and verifies files; `npz`: NumPy archives; `delimited_text`: CSV and similar formats; `frames`: data
frames; `raw`: the classes that all readers return.
"""
