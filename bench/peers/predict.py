"""Times prediction with a 1D network and prints it as JSON: the mean and its error by importance sampling from the
proposal, 1024 candidates an input, 256 inputs at a time. The head is factored, everything is in log space."""

import argparse
import json
import platform
import statistics
import time

import torch
from torch.nn.functional import log_softmax

from best import draw, log_density
from released import Features, Proposal
from units import Energy

INPUTS, M, COMPONENTS, WIDTH = 256, 1024, 4, 10


def predict(features, energy, proposal, x):
    h_x = features(x)
    mixture = log_softmax(proposal.logits(h_x), dim=1), proposal.means(h_x), 0.5 * proposal.log_variances(h_x)
    y = draw(torch.randn(len(x), M), torch.rand(len(x), M), *mixture)
    weights = torch.softmax(energy(h_x, y) - log_density(y, *mixture), dim=1)
    mean = (weights * y).sum(1)
    error = (weights * (y - mean.unsqueeze(1))).square().sum(1).sqrt()
    return mean, error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    networks = Features(WIDTH), Energy(WIDTH), Proposal(WIDTH, COMPONENTS)
    x = torch.linspace(-3, 3, INPUTS).unsqueeze(1)
    milliseconds = []
    with torch.no_grad():
        for turn in range(25):
            start = time.perf_counter()
            predict(*networks, x)
            if turn >= 5:
                milliseconds.append(1e3 * (time.perf_counter() - start) / INPUTS)
    version = f"PyTorch {torch.__version__}, Python {platform.python_version()}"
    print(json.dumps({"median_ms": statistics.median(milliseconds), "inputs": INPUTS, "version": version}))


if __name__ == "__main__":
    main()
