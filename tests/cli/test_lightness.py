"""`import trainwell` and every `--help` load nothing heavy."""

import json

import pytest

HEAVY = ("jax", "jaxlib", "numpy", "scipy", "sklearn", "polars", "plotly", "pydantic", "optax", "safetensors")
REPORT = "import sys, json; print(json.dumps(sorted(m for m in sys.modules if '.' not in m)), file=sys.stderr)"
HELPS = [
    ["--help"],
    ["tune", "--help"],
    ["train", "--help"],
    ["compare", "--help"],
    ["predict", "--help"],
    ["race", "--help"],
    ["curvature", "--help"],
    ["lecture", "--help"],
    ["recipe", "--help"],
    ["recipe", "show", "--help"],
    ["recipe", "check", "--help"],
    ["recipe", "write", "--help"],
]


def test_import_loads_nothing_heavy(process):
    done = process(f"import trainwell; assert trainwell.__version__; dir(trainwell); {REPORT}")
    loaded = set(json.loads(done.err))
    assert "trainwell" in loaded
    assert not loaded & {*HEAVY, "typer", "rich"}


def test_the_programs_help_is_light(process):
    done = process(f"from trainwell.cli.app import main; assert main(['--help']) == 0; {REPORT}")
    assert done.code == 0, done.err
    assert not set(json.loads(done.err)) & set(HEAVY)
    assert all(command in done.out for command in ("train", "compare", "predict", "recipe"))


def test_every_help_is_light_and_has_an_example(process):
    code = (
        "import sys; from trainwell.cli.app import main\n"
        f"for words in {HELPS!r}:\n"
        "    print('#' * 9, *words); assert main(words) == 0\n"
        f"{REPORT}"
    )
    done = process(code)
    assert done.code == 0, done.err
    assert not set(json.loads(done.err)) & set(HEAVY) - {"pydantic"}  # Typer checks options' defaults with it
    pages = done.out.split("#" * 9)[1:]
    assert len(pages) == len(HELPS)
    for words, page in zip(HELPS, pages, strict=True):
        command = " ".join(word for word in words if word != "--help")
        assert f"Example: trainwell {command}".strip() in " ".join(page.split()), page


def test_a_heavy_module_would_be_noticed(process):
    done = process(f"import trainwell; trainwell.train; {REPORT}")
    assert "jax" in json.loads(done.err)


@pytest.mark.parametrize("words", [["--version"], ["recipe", "--help"]])
def test_help_succeeds(cli, words):
    assert cli(*words).code == 0
