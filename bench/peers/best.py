"""The 1D training step as fast as we could make it in PyTorch: a factored head, log space, compiled to one loop.

W [h_x; h_y] is W_x h_x, once an example, plus W_y h_y. Components are drawn by comparing one uniform number with
cumulative weights. Layers of 10 units are written as sums of products with single weights, whose operands are planes
[batch, m]: TorchInductor then fuses the head, the densities and the losses into a few loops over candidates, forward and
backward, and stores little. It was the fastest of what we tried; the others were `nn.Linear` on [units, candidates] and
on [candidates, units], each eager and compiled. Adam is fused, the loss is not read back. The first start compiles for
most of a minute; later ones find it in a cache.
"""

import math

import torch
from torch import nn
from torch.nn.functional import log_softmax, relu

import measure
from released import Features, Proposal


def products(weight, units):
    """weight [outputs, inputs], a plane an input → a plane an output"""
    outputs, inputs = weight.shape
    return [sum(weight[o, i] * units[i] for i in range(inputs)) for o in range(outputs)]


def layer(linear, units):
    return [relu(unit + linear.bias[o]) for o, unit in enumerate(products(linear.weight, units))]


class Energy(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(1, width)
        self.second = nn.Linear(width, width)
        self.from_features = nn.Linear(width, width)
        self.from_target = nn.Linear(width, width, bias=False)
        self.residual = nn.Linear(width, width)
        self.score = nn.Linear(width, 1)

    def forward(self, features, y):
        """features [batch, width], y [batch, m] → [batch, m]"""
        of_y = products(self.from_target.weight, layer(self.second, layer(self.first, [y])))
        of_x = self.from_features(features)
        hidden = [relu(unit + of_x[:, o : o + 1]) for o, unit in enumerate(of_y)]
        residual = layer(self.residual, hidden)
        hidden = [unit + more for unit, more in zip(hidden, residual)]
        return products(self.score.weight, hidden)[0] + self.score.bias


def draw(normal, uniform, log_weights, means, log_scales):
    """Candidates [batch, m] of the mixtures."""
    edges, scales = log_weights.exp().cumsum(1), log_scales.exp()
    m = normal.shape[1]
    mean, scale = means[:, :1].expand(-1, m), scales[:, :1].expand(-1, m)
    for k in range(1, means.shape[1]):
        beyond = uniform > edges[:, k - 1 : k]
        mean = torch.where(beyond, means[:, k : k + 1], mean)
        scale = torch.where(beyond, scales[:, k : k + 1], scale)
    return normal * scale + mean


def log_density(y, log_weights, means, log_scales):
    heights, inverse = log_weights - log_scales - 0.5 * math.log(2 * math.pi), (-log_scales).exp()
    at = [slice(k, k + 1) for k in range(means.shape[1])]
    logs = [heights[:, k] - 0.5 * ((y - means[:, k]) * inverse[:, k]) ** 2 for k in at]
    largest = logs[0].detach()
    for log in logs[1:]:
        largest = torch.maximum(largest, log.detach())
    return largest + sum((log - largest).exp() for log in logs).log()


def make_step(components, m, batch, width=10):
    features, energy, proposal = Features(width), Energy(width), Proposal(width, components)
    networks = nn.ModuleList([features, energy, proposal])
    adam = torch.optim.Adam(networks.parameters(), lr=1e-3, fused=True)
    x, target = measure.examples(batch)

    def losses(x, target, normal, uniform):
        h_x = features(x)
        constant = h_x.detach()
        log_weights = log_softmax(proposal.logits(constant), dim=1)
        mixture = log_weights, proposal.means(constant), 0.5 * proposal.log_variances(constant)
        y = draw(normal, uniform, *(part.detach() for part in mixture))
        y = torch.cat([target, y], dim=1)
        log_q, score = log_density(y, *mixture), energy(h_x, y)

        contrast = score - log_q.detach()
        nce = torch.logsumexp(contrast, dim=1) - contrast[:, 0]
        kl = torch.logsumexp((score.detach() - log_q)[:, 1:], dim=1)
        return nce.mean() + kl.mean()

    compiled = torch.compile(losses)

    def step():
        normal, uniform = torch.randn(batch, m), torch.rand(batch, m)
        loss = compiled(x, target, normal, uniform)
        adam.zero_grad()
        loss.backward()
        adam.step()

    return step


if __name__ == "__main__":
    measure.main(make_step)
