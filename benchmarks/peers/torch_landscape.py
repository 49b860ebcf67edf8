"""PyTorch on surfaces and slices: all starts in one tensor, a loop over starts, a loop over the slice's points.

    python benchmarks/peers/torch_landscape.py descents [--threads 2]
    python benchmarks/peers/torch_landscape.py loop [--starts 10]
    python benchmarks/peers/torch_landscape.py slice --data-dir DATA

`descents`: six optimizers, 10,000 starts in one tensor, 1,000 updates each. `loop`: the same start by start, for few
starts; the seconds are of one start. `slice`: 100 x 100 losses of the network on 1,000 images, the weights put in
place for each. Prints one line of JSON.
"""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import landscape_workload as work

if TYPE_CHECKING:
    from torch import Tensor


def himmelblau(x: "Tensor") -> "Tensor":
    """Of rows of points."""
    return (x[:, 0] ** 2 + x[:, 1] - 11) ** 2 + (x[:, 0] + x[:, 1] ** 2 - 7) ** 2


def optimizers() -> dict[str, Any]:
    """The rules as PyTorch has them, in their fastest form for one tensor."""
    import torch

    return {
        "sgd": lambda p, lr: torch.optim.SGD(p, lr, fused=True),
        "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, fused=True),
        "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True, fused=True),
        "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr, fused=True),
        "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr, alpha=0.9, foreach=False),
        "adam": lambda p, lr: torch.optim.Adam(p, lr, fused=True),
    }


def descend(starts: Any, steps: int) -> dict[str, float]:
    """The mean value where each optimizer ends."""
    import torch

    ends = {}
    for name, make in optimizers().items():
        x = torch.tensor(starts, requires_grad=True)
        optimizer = make([x], work.RATES[name])
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            himmelblau(x).sum().backward()
            optimizer.step()
        ends[name] = float(himmelblau(x.detach()).mean())
    return ends


def slice_losses(folder: Path) -> list[float]:
    """Losses over the plane, point by point."""
    import torch
    from torch.nn.functional import cross_entropy, linear, relu

    pixels, labels = (torch.from_numpy(part) for part in work.images(folder))
    labels = labels.long()

    def transposed(seed: int) -> "list[Tensor]":
        return [torch.from_numpy(one.T.copy()) for one in work.network(seed)]

    centre, first, second = (transposed(seed) for seed in (0, 1, 2))
    ends = torch.linspace(-1, 1, work.SIDE)
    losses = []
    with torch.inference_mode():
        for a in ends:
            moved = [c + a * d for c, d in zip(centre, first, strict=True)]
            for b in ends:
                params = [torch.add(m, d, alpha=float(b)) for m, d in zip(moved, second, strict=True)]
                x = pixels
                for i in range(0, len(params) - 2, 2):
                    x = relu(linear(x, params[i], params[i + 1]))
                losses.append(float(cross_entropy(linear(x, params[-2], params[-1]), labels)))
    return losses


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["descents", "loop", "slice"])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--starts", type=int, default=10)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    begin = time.perf_counter()
    if options.what == "slice":
        losses = slice_losses(options.data_dir)
        found: dict[str, Any] = {"seconds": time.perf_counter() - begin, "corner": losses[0], "middle": losses[5050]}
    elif options.what == "descents":
        ends = descend(work.starts(work.STARTS, 5), work.STEPS)
        found = {"seconds": time.perf_counter() - begin, "mean_values": ends}
    else:
        for start in work.starts(options.starts, 5):
            descend(start[None], work.STEPS)
        found = {"seconds_per_start": (time.perf_counter() - begin) / options.starts, "starts": options.starts}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
