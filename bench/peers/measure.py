"""Times training steps of a peer and prints them as JSON: what `cargo xtask bench` reads."""

import argparse
import json
import platform
import statistics
import time

import torch


def main(make_step):
    """`make_step(components, m, batch)` returns a function that takes one training step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=4)
    parser.add_argument("--m", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch.set_default_device(options.device)
    wait = torch.cuda.synchronize if options.device == "cuda" else lambda: None
    step = make_step(options.components, options.m, options.batch)
    for _ in range(options.warm_up):
        step()
    milliseconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        step()
        wait()
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


def examples(batch):
    """The batch that every program trains on, shapes [batch, 1]."""
    x = torch.arange(batch, dtype=torch.float32).unsqueeze(1) * 0.2 - 3.0
    return x, torch.sin(x)
