"""The public surface of `trainwell`: a change of it is a change of this list."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import trainwell

SURFACE = {
    "FIGURES": "lecture",
    "STATEMENTS": "lecture",
    "curvature": "landscape",
    "examine": "lecture",
    "make_figures": "lecture",
    "SGD": "optim",
    "AdaGrad": "optim",
    "Adam": "optim",
    "AdamFolded": "optim",
    "AdamUncorrected": "optim",
    "AdamW": "optim",
    "Choices": "training",
    "CoarseToFineSampler": "search",
    "Comparison": "comparison",
    "Comparisons": "comparison",
    "DataError": "core",
    "Dataset": "data",
    "Descents": "landscape",
    "Halving": "search",
    "Interrupted": "core",
    "LandscapeError": "landscape",
    "Model": "models",
    "ModelError": "core",
    "Momentum": "optim",
    "MomentumStep": "optim",
    "Nesterov": "optim",
    "NesterovLookahead": "optim",
    "Plan": "search",
    "RMSProp": "optim",
    "Race": "landscape",
    "Range": "training",
    "Recipe": "training",
    "RecipeError": "core",
    "RunError": "core",
    "SearchError": "core",
    "Space": "training",
    "Start": "models",
    "Surface": "landscape",
    "Terms": "comparison",
    "Trace": "training",
    "Trained": "training",
    "TrainwellError": "core",
    "Tuned": "search",
    "__version__": "version",
    "compare": "comparison",
    "compare_on": "comparison",
    "configure_runtime": "core",
    "critical_points": "landscape",
    "descend": "landscape",
    "from_arrays": "data",
    "judge_on_test_split": "models",
    "load_data": "data",
    "load_model": "models",
    "load_recipe": "training",
    "load_space": "training",
    "register_network": "training",
    "own_surface": "landscape",
    "race": "landscape",
    "register": "optim",
    "register_initializer": "nn",
    "register_schedule": "optim",
    "save_model": "models",
    "save_recipe": "training",
    "save_space": "training",
    "surface": "landscape",
    "train": "training",
    "tune": "search",
}


def test_all_is_the_public_surface():
    assert set(trainwell.__all__) == set(SURFACE)
    assert len(trainwell.__all__) == len(set(trainwell.__all__))
    assert set(trainwell.__all__) <= set(dir(trainwell))


@pytest.mark.parametrize("name", SURFACE)
def test_a_name_is_its_rooms(name):
    room = import_module(f"trainwell.{SURFACE[name]}")
    assert getattr(trainwell, name) is getattr(room, name)


def test_type_checkers_see_the_same_names():
    stub = ast.parse(Path(trainwell.__file__).with_suffix(".pyi").read_text())
    assert {alias.asname: node.module for node in stub.body for alias in node.names} == SURFACE


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="No trainwell attribute trian"):
        trainwell.trian  # noqa: B018  # the access is what is tested
