"""PyTorch eager peers: networks trained one after the other, written to be fast.

    python benchmarks/peers/torch_population.py step --data-dir DATA --threads 2 --networks 4 --steps 600
    python benchmarks/peers/torch_population.py step --data-dir DATA --processes 2 --networks 4 --steps 600
    python benchmarks/peers/torch_population.py search --data-dir DATA --threads 2
    python benchmarks/peers/torch_population.py search --data-dir DATA --processes 2

`step`: microseconds per network and step of 784-100×4-10, ReLU, Adam, batch 100, all of MNIST; warm-up left
out. `search`: F-6-24, 100 given recipes; training and validation accuracy of each every epoch.
DATA holds mnist/ with the IDX files. Without --processes: one process with --threads threads. With it: that
many processes of one thread, each with its share of the networks. Prints one line of JSON; for `search`, measure
the whole process from outside, too (`seconds` leaves out Python's start and the imports).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import workload
from processes import run_shares, share, wait_for_the_others

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WARM_UP_STEPS, WARM_UP_ROUNDS = 20, 8
ADAMS = {"fused": {"fused": True}, "foreach": {"foreach": True}, "loop": {"foreach": False}}


def network(sizes: Sequence[int], generator: "torch.Generator") -> list["Tensor"]:
    """He's weights and zero biases, to be trained."""
    import torch

    params: list[Tensor] = []
    for fan_in, fan_out in pairwise(sizes):
        weights = torch.randn(fan_out, fan_in, generator=generator).mul_((2 / fan_in) ** 0.5)
        params += [weights.requires_grad_(), torch.zeros(fan_out, requires_grad=True)]
    return params


def logits(params: list["Tensor"], x: "Tensor") -> "Tensor":
    from torch.nn.functional import linear, relu

    for i in range(0, len(params) - 2, 2):
        x = relu(linear(x, params[i], params[i + 1]))
    return linear(x, params[-2], params[-1])


def train(
    params: list["Tensor"], optimizer: "torch.optim.Optimizer", x: "Tensor", y: "Tensor", batches: "Tensor"
) -> None:
    """One step for each row of `batches`, indices into x and y."""
    from torch.nn.functional import cross_entropy

    for rows in batches:
        optimizer.zero_grad(set_to_none=True)
        cross_entropy(logits(params, x[rows]), y[rows]).backward()
        optimizer.step()


def batches_of(count: int, steps: int, generator: "torch.Generator") -> "Tensor":
    """Shuffled epochs over `count` images, one row of indices per step."""
    import torch

    per_epoch = count // workload.BATCH_SIZE
    epochs = [torch.randperm(count, generator=generator) for _ in range(-(-steps // per_epoch))]
    kept = [order[: per_epoch * workload.BATCH_SIZE] for order in epochs]
    return torch.cat(kept).view(-1, workload.BATCH_SIZE)[:steps]


def step_benchmark(options: argparse.Namespace, members: range) -> dict[str, Any]:
    """Trains each member's network for the given steps; the times sum up over networks."""
    import torch

    pixels, labels = workload.mnist_bytes(options.data_dir)
    x, y = torch.from_numpy(pixels.astype(np.float32) / np.float32(255)), torch.from_numpy(labels)

    def timed(member: int, steps: int, form: str) -> float:
        generator = torch.Generator().manual_seed(member)
        params = network(workload.STEP_SIZES, generator)
        optimizer = torch.optim.Adam(params, lr=workload.ADAM_LEARNING_RATE, **ADAMS[form])
        batches = batches_of(len(x), steps, generator)
        start = time.perf_counter()
        train(params, optimizer, x, y, batches)
        return time.perf_counter() - start

    # Rounds interleaved and the least taken, so that a busy moment does not choose the form. Warms up, too.
    rounds = [{form: timed(0, WARM_UP_STEPS, form) for form in ADAMS} for _ in range(WARM_UP_ROUNDS)]
    form = options.adam
    if form == "fastest":
        form = min(ADAMS, key=lambda name: min(times[name] for times in rounds))
    if options.share:
        wait_for_the_others()
    start = time.perf_counter()
    for member in members:
        timed(member, options.steps, form)
    return {"seconds": time.perf_counter() - start, "adam": form}


def search_benchmark(options: argparse.Namespace, members: range) -> dict[str, Any]:
    """Trains each member's recipe; its training and validation accuracy after every epoch."""
    import torch

    start = time.perf_counter()
    data = workload.search_data(options.data_dir, options.seed)
    x, y = torch.from_numpy(data.images), torch.from_numpy(data.labels)
    all_x = torch.cat([x, torch.from_numpy(data.validation_images)])
    all_y = torch.cat([y, torch.from_numpy(data.validation_labels)])
    trials = workload.recipes(options.networks, options.seed)
    per_epoch = len(x) // workload.BATCH_SIZE
    accuracy = torch.zeros(len(members), workload.SEARCH_EPOCHS, 2)
    for place, member in enumerate(members):
        generator = torch.Generator().manual_seed(member)
        params = network(workload.SEARCH_SIZES, generator)
        # PyTorch's coupled weight_decay adds λW to the gradient: that of the penalty ½λ‖W‖².
        groups = [
            {"params": params[0::2], "weight_decay": trials[member].l2_penalty},
            {"params": params[1::2], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.SGD(groups, lr=trials[member].learning_rate, fused=True)
        batches = batches_of(len(x), workload.SEARCH_EPOCHS * per_epoch, generator)
        for epoch in range(workload.SEARCH_EPOCHS):
            train(params, optimizer, x, y, batches[epoch * per_epoch : (epoch + 1) * per_epoch])
            with torch.inference_mode():
                right = (logits(params, all_x).argmax(dim=1) == all_y).float()
                accuracy[place, epoch, 0], accuracy[place, epoch, 1] = (
                    right[: len(x)].mean(),
                    right[len(x) :].mean(),
                )
    return {"seconds": time.perf_counter() - start, "accuracy": accuracy.tolist()}


BENCHMARKS: dict[str, Callable[[argparse.Namespace, range], dict[str, Any]]] = {
    "step": step_benchmark,
    "search": search_benchmark,
}


def summary(options: argparse.Namespace, results: list[dict[str, Any]], started: float) -> dict[str, Any]:
    """The line to print: processes that ran side by side took as long as the slowest of them."""
    line: dict[str, Any] = {
        "peer": "torch_eager",
        "benchmark": options.benchmark,
        "networks": options.networks,
    }
    line |= {"processes": options.processes or 1, "threads": 1 if options.processes else options.threads}
    if options.benchmark == "step":
        seconds = max(result["seconds"] for result in results)
        forms = sorted({result["adam"] for result in results})
        line |= {"steps": options.steps, "adam": "/".join(forms), "seconds": seconds}
        return line | {"us_per_network_step": 1e6 * seconds / (options.networks * options.steps)}
    final = sorted((curve[-1][1] for result in results for curve in result["accuracy"]), reverse=True)
    line |= {"seconds": time.perf_counter() - started, "epochs": workload.SEARCH_EPOCHS, "seed": options.seed}
    return line | {"best_validation_accuracies": [round(value, 4) for value in final[:20]]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=list(BENCHMARKS))
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--networks", type=int, default=None, help="by default 4 (step), 100 (search)")
    parser.add_argument("--steps", type=int, default=600, help="steps per network (step)")
    parser.add_argument("--threads", type=int, default=2, help="threads of the one process")
    parser.add_argument("--processes", type=int, default=0, help="so many processes of one thread instead")
    parser.add_argument("--seed", type=int, default=0, help="of the recipes and the split (search)")
    parser.add_argument("--adam", choices=["fastest", *ADAMS], default="fastest", help="which form of Adam (step)")
    parser.add_argument("--share", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.networks = options.networks or {"step": 4, "search": 100}[options.benchmark]
    started = time.perf_counter()
    if options.processes and not options.share:
        print(json.dumps(summary(options, run_shares(options.processes), started)))
        return
    import torch

    torch.set_num_threads(options.threads)
    if options.share:
        index, of = map(int, options.share.split("/"))
        print(json.dumps(BENCHMARKS[options.benchmark](options, share(options.networks, index, of))))
        return
    result = BENCHMARKS[options.benchmark](options, range(options.networks))
    print(json.dumps(summary(options, [result], started)))


if __name__ == "__main__":
    main()
