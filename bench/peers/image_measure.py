"""Times the image networks' work in a peer and prints it as JSON: what `cargo xtask bench` reads."""

import argparse
import json
import platform
import statistics
import time

import torch

BATCH, M, FEATURES, SIDE = 32, 1024, 512, 64


def main(make):
    """`make` names for each work a function that returns one that does it once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=sorted(make), required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    work = make[options.work]()
    for _ in range(options.warm_up):
        work()
    milliseconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        work()
        milliseconds.append(1e3 * (time.perf_counter() - start))
    print(
        json.dumps(
            {
                "median_ms": statistics.median(milliseconds),
                "fastest_ms": min(milliseconds),
                "steps": options.steps,
                "threads": options.threads,
                "version": f"PyTorch {torch.__version__}, Python {platform.python_version()}",
            }
        )
    )


def images():
    """The batch that every program trains on: images, and targets [batch, 1]."""
    return torch.randn(BATCH, 3, SIDE, SIDE), torch.randn(BATCH, 1)
