"""What training gives back.

`trace`: what was observed; `layers`: how activations and gradients spread meanwhile; `runs`: a population's runs, with
or without parameters.
"""
