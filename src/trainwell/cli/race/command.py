"""`trainwell race`: optimizers on a surface, with their paths, and what each of them came to."""

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.race import RaceOptions
from trainwell.cli.options.run import PreciseRunOptions
from trainwell.cli.run.command import execute, work

EXAMPLE = "Example: trainwell race rosenbrock --vary optimizer=sgd,momentum,adam --tuned"


@bundled
def race(context: typer.Context, options: RaceOptions, run: PreciseRunOptions) -> None:
    """Let optimizers race down a surface, and see their paths.

    On the bowl SGD, momentum, AdaGrad and Adam race from (-7, 2), as in "Deep Learning from Scratch", ch. 6. Elsewhere
    six optimizers race with tuned learning rates. Name contenders to choose others. The page plays the race.

    A descent converged if its gradient became small at a minimum; it is stuck if that happened elsewhere. One that went
    far outside (over 100 times half the domain's width from its middle) escaped if it was lower there than at its
    start, and diverged otherwise, or if a value was not finite. All others are still running.
    """
    if options.show_list:
        work("race").print_surfaces(json=run.json)
        return
    execute("race", context.obj, run, options)
