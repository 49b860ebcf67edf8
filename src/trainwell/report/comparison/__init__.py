"""The page of a comparison.

`page` has its sections and `words` its sentences; `charts` makes arrays of the results for `display`, `tables` and
`pairs` the tables: contenders, and pairs of them with the numbers that differences are written in.
"""
