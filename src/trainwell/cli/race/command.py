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

    A descent has converged where the gradient is small at a minimum, is stuck where it is small elsewhere, has escaped
    or diverged where it left the surface's surroundings lower or higher than it began, and is running otherwise.
    """
    if options.show_list:
        work("race").print_surfaces(json=run.json)
        return
    execute("race", context.obj, run, options)
