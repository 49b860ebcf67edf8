"""What all pages have in common.

`page` fills templates in and says what every page tells: data, test split, saved model, command and versions. `base`,
`blocks`, `style` and `script` are the templates that pages are built on; `player` plays paths update by update,
`moments` goes through the moments of charts by a slider.
"""
