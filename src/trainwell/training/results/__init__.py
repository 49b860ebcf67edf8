"""What training gives back.

`trace`: what was observed; `layers`: how activations and gradients spread meanwhile; `runs`: a population's runs, with
or without parameters; `summary`: what they came to, recipe by recipe, in numbers and a sentence; `curves` draws them.
"""
