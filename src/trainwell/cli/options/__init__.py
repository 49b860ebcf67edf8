"""Options that several commands have, and how their values are written.

`bundles` makes options of dataclasses and of the fields of recipes, plans and terms. The groups: `recipe`, `data`,
`transfer`, `search`, `compare`, `race`, and `run` (seeds, where results go, the machine). `fields` reads FIELD=VALUE,
and `contenders` whole contenders.
"""
