"""Where the model lies that a command is given."""

from pathlib import Path

from trainwell.core import ModelError


def model_folder(path: Path) -> Path:
    """The model's folder, of a run directory or itself.

    Raises:
        ModelError: there is none.
    """
    if (path / "manifest.json").exists():
        return path
    if (path / "model").is_dir():
        return path / "model"
    if (path / "run.json").exists():
        raise ModelError(f"{path} has no model: only complete runs of `trainwell tune` and `trainwell train` do")
    if not path.exists():
        raise ModelError(f"there is no model at {path}: pass a run directory of `trainwell tune` or `trainwell train`")
    return path
