"""Charts of a network's loss: around it, along the path of its training, and between two solutions.

    python examples/where_training_goes.py [slices.html]

Trains one network on digits from two seeds, and draws its loss in the plane of two random directions (Li et al., 2018,
"Visualizing the loss landscape of neural nets"), in that of the path's principal components with the path drawn in, and
along the line from one solution to the other.
"""

import sys
from pathlib import Path

from trainwell import Recipe, load_data
from trainwell.core import write_atomic
from trainwell.landscape import directions_between, network_slice, path_components, random_directions, training_path

digits = load_data("digits")
recipe = Recipe(hidden=(50, 50), activation="tanh", optimizer="momentum", epochs=30, l2_penalty=1e-4)
path, other = training_path(recipe, digits, seed=0), training_path(recipe, digits, seed=1)
components = path_components(path.params)


def loss_slice(directions, **options):
    """A slice of the training loss through the first solution."""
    network = (path.structure, path.state, path.numbers, digits.training)
    return network_slice(*network, path.end, directions, **options)


names = [
    f"principal component {i + 1}, {share:.0%} of the path's variance" for i, share in enumerate(components.shares)
]
between = loss_slice(
    directions_between(path.end, other.end), extent=(-0.5, 1.5), points=41, marks={"the other": other.end}
)
charts = {
    "Two random directions, filter-normalised": loss_slice(random_directions(path.end)).chart(),
    "The plane of the path": loss_slice(components.directions, path=path.params, labels=names).chart(),
    "From one solution (0) to the other (1)": between.chart(),
}
page = "<!doctype html><meta charset=utf-8><title>Where training goes</title>"
for i, (title, chart) in enumerate(charts.items()):
    page += f"<h2>{title}</h2>" + chart.to_html(full_html=False, include_plotlyjs=i == 0, default_height=520)
out = Path(sys.argv[1] if len(sys.argv) > 1 else "slices.html")
write_atomic(out, page.encode())
barrier = between.losses[(between.axes[0] >= 0) & (between.axes[0] <= 1)].max()
print(
    f"{out}: loss {between.centre_loss:.3f} at one solution, {between.mark_losses['the other']:.3f} at the other, up to"
)
print(
    f"{barrier:.3f} on the line between them; the plane of the path holds {components.shares.sum():.0%} of its variance"
)
