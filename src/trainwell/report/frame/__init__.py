"""What all pages have in common.

`rendering` fills templates in, `facts` says what a page tells of data, test split and versions, `model_card` how
a model is used; `base`, `blocks`, `swatch`, `style` and `script` are the templates that pages are built on.
"""
