"""C-34: whether training accuracy that rises while validation accuracy stalls calls for more regularization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, DROPOUT_RATE, L2_PENALTY, BookData
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import chosen, doubt, mean, over_time, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.training import Recipe, Runs

IMAGES = 300  # the book's
WRONG = (0.0, 0.2, 0.4)
PENALTIES = (0.01, 0.03, L2_PENALTY, 0.3)
STEPS, QUARTER = 480, 3  # updates; observations of a quarter of training, its first and last among them
RISE, STALL = 0.02, 0.01
"""Training accuracy rises by 2 points or more, and validation accuracy by less than one."""
FAR, HELP = 0.05, 0.005
CHOICE, JUDGED = 1_000, 2_000
TUNING = 2_000  # the first seed of those that penalties are chosen on
PLAIN, L2, DROPOUT = "none", "L2 penalty", "dropout"


DESIGN = Design(
    varied="the share of training labels that are wrong, and with it whether validation accuracy stalls; no "
    "regularization, an L2 penalty, or dropout at the book's rate 0.15 in the lecture's form",
    fixed="the book's network that overfits (F-6-20: six hidden layers of 100 ReLU units, He's weights) on its 300 "
    "images, SGD at the book's rate 0.01, batches of 100, 480 updates; all share their seeds. The penalty is the best "
    "of 0.01, 0.03, 0.1 (the book's) and 0.3 on 1,000 images that are not trained on, with seeds of its own",
    measured="accuracy on 2,000 other images, with right labels, on which nothing is chosen. The pattern: by how much "
    "it and training accuracy rise without regularization from the third quarter of training to the last, each the "
    "mean of three observations; training labels are taken as they are, right or wrong. What regularization gains: its "
    "mean in the last quarter. Test images are not used",
    criterion="the pattern is there if training accuracy rises by at least 2 points and validation accuracy by less "
    "than one, each by its whole interval. There a penalty and dropout must each raise the accuracy on other images by "
    "at least half a point, and the training accuracy must be at least 5 points above it without regularization. All "
    "four are judgements",
    conditions="0, 20 and 40% of labels wrong (another class each, at random), since in a first look with right labels "
    "alone and nothing regularized validation accuracy rose along from 300 to 3,000 images, and with 100 training "
    "accuracy had no room to rise. Contrast: where the pattern is not there, regularization gains less than half a "
    "point",
    precision="20 seeds, paired; 2 others choose the penalty; means with Student's intervals. Pattern, gain and gap "
    "are of the same networks, each by its own interval: that all hold is then no likelier by chance than that one "
    "does. The windows, the seeds that the pattern is read from and the smallest penalty were set after earlier runs "
    "on these seeds and images; the bounds were not",
    untested="the pattern where all labels are right, as in longer training or on other data; other regularizers, "
    "other rates of dropout and numbers of images; dropout with more updates, though it "
    "learns more slowly (its training accuracy is reported); which labels are wrong is drawn once for all seeds",
)


@dataclass(frozen=True)
class Place:
    """So many training images, and the share of them whose labels are wrong."""

    images: int
    wrong: float = 0.0

    def __str__(self) -> str:
        return f"{100 * self.wrong:g}% of {self.images:,} labels wrong"


@dataclass(frozen=True, eq=False)
class Observed:
    """What was found in a place.

    Attributes:
        training: rise of training accuracy without regularization, one per seed.
        validation: rise of the accuracy on other images.
        ends: by regularizer, training accuracy and that on other images at last, one row per seed.
        penalty: that was chosen.
    """

    training: Float[np.ndarray, " S"]
    validation: Float[np.ndarray, " S"]
    ends: Mapping[str, Float[np.ndarray, "S 2"]]
    penalty: float


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-34."""
    wrong, seeds, tuning, steps = setup.of((WRONG, 20, 2, STEPS), (WRONG[2:], 3, 1, STEPS // 4))
    rows = len(setup.data.everything.training)
    return parts(observed(setup, [Place(min(IMAGES, rows), share) for share in wrong], seeds, tuning, steps))


STATEMENT = Statement(
    "C-34",
    DESIGN,
    "Where training accuracy goes on rising alone, look at the labels and try more regularization; keep it if accuracy "
    "on validation images rises. Choose its strength there, too; dropout learns more slowly and needs more updates.",
    examined,
    trains=True,
)


def plain(data: BookData, images: int, steps: int) -> Recipe:
    """F-6-20's network for some number of images, observed from the second quarter of training on."""
    (run,) = BOOK["F-6-20"].runs(data.part(images, "none"))
    return run.recipe.evolve(steps=steps, observe_first=steps // 4, observe_every=steps // 8)


def datasets(data: BookData, place: Place) -> tuple[Dataset, Dataset]:
    """The images of a place, evaluated on those that choices are made on, and on those that judge."""
    whole = data.part(place.images, "unused")
    count = len(whole.validation)
    first = min(CHOICE, count // 3)
    training = whole.training
    labels = mislabeled(np.asarray(training.targets), place.wrong, data.everything.num_outputs)
    wrong = replace(training, targets=labels)
    ends = {"to choose on": np.arange(first), "to judge on": np.arange(first, min(first + JUDGED, count))}
    choice, judged = (
        replace(
            whole,
            name=f"{whole.name}, {len(rows):,} of them {use}, {100 * place.wrong:g}% of training labels wrong",
            training=wrong,
            validation=whole.validation.at(rows),
        )
        for use, rows in ends.items()
    )
    return choice, judged


def mislabeled(labels: Any, share: float, classes: int) -> Any:
    """Labels of which a share is another class each, at random; the same rows are wrong whenever more of them are."""
    drawn = stream(0, "wrong labels")
    rows = drawn.permutation(len(labels))[: round(share * len(labels))]
    away = drawn.integers(1, classes, len(labels))
    found = np.array(labels)
    found[rows] = (found[rows] + away[rows]) % classes
    return found


def observed(setup: Setup, places: Sequence[Place], seeds: int, tuning: int, steps: int) -> dict[Place, Observed]:
    """Penalties chosen on seeds of tuning, and on others the pattern and what becomes of regularizers.

    Args:
        setup: what it is measured with.
        places: where regularizers are judged.
        seeds: how many judge.
        tuning: how many others choose the penalty.
        steps: updates.
    """
    data = {place: datasets(setup.data, place) for place in places}
    recipes = {place: plain(setup.data, place.images, steps) for place in data}
    tried = setup.train_all(
        {
            (place, penalty): (data[place][0], recipes[place].evolve(l2_penalty=penalty))
            for place in places
            for penalty in PENALTIES
        },
        range(TUNING, TUNING + tuning),
    )
    scores = {key: float(last(runs)[:, 1].mean()) for key, runs in tried.items()}
    best = {place: max(PENALTIES, key=lambda one: scores[place, one]) for place in places}  # called at once
    fields: dict[str, dict[Place, dict[str, Any]]] = {
        PLAIN: {place: {} for place in places},
        L2: {place: {"l2_penalty": best[place]} for place in places},
        DROPOUT: {place: {"dropout_rate": DROPOUT_RATE, "dropout": "lecture"} for place in places},
    }
    judged = setup.train_all(
        {
            (place, name): (data[place][1], recipes[place].evolve(**own[place]))
            for name, own in fields.items()
            for place in places
        },
        range(seeds),
    )
    return {
        place: Observed(
            rise(over_time(judged[place, PLAIN], "accuracy/training")),
            rise(over_time(judged[place, PLAIN], "accuracy/validation")),
            {name: last(judged[place, name]) for name in fields},
            best[place],
        )
        for place in data
    }


def rise(accuracy: Float[np.ndarray, "S T"]) -> Float[np.ndarray, " S"]:
    """Mean accuracy of the last quarter less that of the third."""
    return np.asarray(accuracy[:, -QUARTER:].mean(1) - accuracy[:, 1 - 2 * QUARTER : 1 - QUARTER].mean(1))


def last(runs: Sequence[Runs]) -> Float[np.ndarray, "S 2"]:
    """Training accuracy and that on the other images, means of the last quarter; 0 of a network that diverged."""
    found = [over_time(runs, f"accuracy/{split}")[:, -QUARTER:].mean(1) for split in ("training", "validation")]
    return np.asarray(np.nan_to_num(np.stack(found, axis=1)))


def parts(found: Mapping[Place, Observed]) -> tuple[Part, ...]:
    """Where the pattern is, whether regularization helps there and the network overfits, and what it does elsewhere."""
    rises = {
        place: (
            mean(f"rise of training accuracy, {place}", one.training),
            mean(f"rise of accuracy on other images, {place}", one.validation),
        )
        for place, one in found.items()
    }
    shown = {place: _is_there(*own) for place, own in rises.items()}
    helps: list[Criterion] = []
    overfits: list[Criterion] = []
    contrast: list[Criterion] = []
    for place, one in found.items():
        unclear = "" if shown[place] is not None else "whether the pattern is there is open itself"
        for name in (L2, DROPOUT):
            at_end = doubt(PENALTIES[0] < one.penalty < PENALTIES[-1]).replace("rate", "penalty") if name == L2 else ""
            where = f"{name}, {place}"
            if shown[place] is not False:
                helps.append(above(_gain(place, one, name), HELP, where, doubt=unclear or at_end))
            if shown[place] is not True:
                contrast.append(below(_gain(place, one, name), HELP, where, doubt=unclear or at_end))
        if shown[place] is not False:
            overfits.append(above(_gap(place, one), FAR, str(place), doubt=unclear))
    if not helps:  # a statement needs a claim of its own
        place, one = list(found.items())[-1]
        helps.append(above(_gain(place, one, L2), HELP, doubt="the pattern is not there under any condition"))
    numbers = [
        mean(f"{kind}, {'no regularization' if name == PLAIN else name}, {place}", column, (0, 1))
        for place, one in found.items()
        for name, own in one.ends.items()
        for kind, column in zip(("training accuracy", "accuracy on other images"), own.T, strict=True)
    ]
    penalties = [chosen(f"penalty chosen, {place}", one.penalty) for place, one in found.items()]
    pattern = "training accuracy rises by at least 2 points and validation accuracy by less than one"
    made = (
        Part(
            f"where {pattern} from the third quarter of training to the last, a penalty and dropout each raise "
            "the accuracy on other images by at least half a point",
            tuple(helps),
            (*penalties, *numbers),
            _gains(found),
        ),
        Part(
            "where training accuracy rises while validation accuracy stalls, it is at least 5 points above the "
            "accuracy on other images: the network overfits",
            tuple(overfits),
            tuple(one for own in rises.values() for one in own),
            _rises(rises),
        ),
        Part(
            "where it is not so that validation accuracy stalls while training accuracy rises, a penalty and "
            "dropout each raise the accuracy on other images by less than half a point",
            tuple(contrast),
            tuple(_gap(place, one) for place, one in found.items() if shown[place] is False),
            beyond=True,
        ),
    )
    return tuple(part for part in made if part.criteria)


def _is_there(training: Measured, validation: Measured) -> bool | None:
    """Whether training accuracy rises and validation accuracy does not."""
    held = above(training, RISE).holds, below(validation, STALL).holds
    return False if False in held else None if None in held else True


def _gain(place: Place, one: Observed, name: str) -> Measured:
    what = f"accuracy on other images gained by {name}, {place}"
    return paired_difference(what, one.ends[name][:, 1], one.ends[PLAIN][:, 1])


def _gap(place: Place, one: Observed) -> Measured:
    return paired_difference(f"training accuracy less that on other images, {place}", *one.ends[PLAIN].T)


def _gains(found: Mapping[Place, Observed]) -> Chart:
    """What regularizers gain over the share of wrong labels."""
    x = [place.wrong for place in found]
    curves = [curve(name, x, [_gain(place, one, name) for place, one in found.items()]) for name in (L2, DROPOUT)]
    return Chart("share of wrong labels", "accuracy on other images gained", tuple(curves), bound=HELP)


def _rises(rises: Mapping[Place, tuple[Measured, Measured]]) -> Chart:
    """The pattern over the share of wrong labels."""
    curves = [
        curve(f"{name} accuracy", [place.wrong for place in rises], [one[i] for one in rises.values()])
        for i, name in enumerate(("training", "validation"))
    ]
    return Chart("share of wrong labels", "rise of accuracy", tuple(curves))
