"""Times the likelihood of an image on a grid of targets, from its features on, and prints it as JSON.

`released`: every image scores its own copy of the grid, its features repeated for every point and concatenated with
those of the target. `best`: a factored head, the grid's part computed once for all images and compiled for the rest.
"""

import argparse
import json
import math
import platform
import statistics
import time

import torch
from torch import nn
from torch.nn.functional import relu

GRIDS = {"nll-steering": (-100.0, 100.0, 20000, 1), "nll-head-pose": (-80.0, 80.0, 30, 3)}
FEATURES, HIDDEN, WIDTHS, IMAGES = 512, 512, [16, 32, 64, 128], 64


def grid(work):
    low, high, points, dimensions = GRIDS[work]
    axis = torch.linspace(low, high, points)
    mesh = torch.meshgrid(*[axis] * dimensions, indexing="ij")
    log_cell = dimensions * (math.log(high - low) - math.log(points))
    return torch.stack(mesh, dim=-1).reshape(-1, dimensions), log_cell


class Head(nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        widths = [dimensions, *WIDTHS]
        layers = [part for pair in zip(widths, widths[1:]) for part in (nn.Linear(*pair), nn.ReLU())]
        self.of_target = nn.Sequential(*layers)
        self.joint = nn.Linear(FEATURES + WIDTHS[-1], HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)

    def forward(self, features, y):
        """features [points, 512], y [points, dimensions] → [points]"""
        joint = torch.cat([features, self.of_target(y)], dim=1)
        return self.score(relu(self.joint(joint))).squeeze(1)


def released(head, points, log_cell, features, targets):
    copies = points.shape[0]
    nll = []
    for own, target in zip(features, targets):
        scores = head(own.unsqueeze(0).expand(copies, -1), points)
        observed = head(own.unsqueeze(0), target.unsqueeze(0))
        nll.append(torch.logsumexp(scores, dim=0) + log_cell - observed[0])
    return torch.stack(nll)


@torch.compile
def log_partition(of_x, of_y, weight, bias):
    return torch.logsumexp((relu(of_x + of_y) * weight).sum(1) + bias, dim=0)


def best(head, points, log_cell, features, targets):
    of_features, of_target = head.joint.weight.split([FEATURES, WIDTHS[-1]], dim=1)
    of_y = head.of_target(points) @ of_target.T
    of_x = features @ of_features.T + head.joint.bias
    log_z = torch.stack([log_partition(own, of_y, head.score.weight[0], head.score.bias) for own in of_x])
    return log_z + log_cell - head(features, targets)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=GRIDS, required=True)
    parser.add_argument("--form", choices=["released", "best"], required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    points, log_cell = grid(options.work)
    images = IMAGES if options.form == "best" else 2
    head = Head(points.shape[1])
    features, targets = torch.randn(images, FEATURES).abs(), torch.randn(images, points.shape[1])
    form = {"released": released, "best": best}[options.form]
    milliseconds = []
    with torch.no_grad():
        form(head, points, log_cell, features, targets)
        for _ in range(3):
            start = time.perf_counter()
            form(head, points, log_cell, features, targets)
            milliseconds.append(1e3 * (time.perf_counter() - start) / images)
        check(head, points, log_cell, features[:2], targets[:2])
    version = f"PyTorch {torch.__version__}, Python {platform.python_version()}"
    print(json.dumps({"median_ms": statistics.median(milliseconds), "images": images, "version": version}))


def check(*arguments):
    """Both forms are one function."""
    difference = (released(*arguments) - best(*arguments)).abs().max().item()
    assert difference < 1e-3, difference


if __name__ == "__main__":
    main()
