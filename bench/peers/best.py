"""The 1D training step as fast as we could make it in PyTorch: a factored head, log space, compiled, fused Adam.

W [h_x; h_y] is W_x h_x, once an example, plus W_y h_y. Components are drawn by comparing one uniform number with
cumulative weights. The losses are compiled as one graph, forward and backward. The loss is not read back.
"""

import math

import torch
from torch import nn
from torch.nn.functional import log_softmax, relu

import measure
from released import Features, Proposal


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
        of_y = self.from_target(relu(self.second(relu(self.first(y.unsqueeze(2))))))
        hidden = relu(self.from_features(features).unsqueeze(1) + of_y)
        hidden = hidden + relu(self.residual(hidden))
        return self.score(hidden).squeeze(2)


def make_step(components, m, batch, width=10):
    features, energy, proposal = Features(width), Energy(width), Proposal(width, components)
    networks = nn.ModuleList([features, energy, proposal])
    adam = torch.optim.Adam(networks.parameters(), lr=1e-3, fused=True)
    x, target = measure.examples(batch)

    def losses(x, target, normal, uniform):
        h_x = features(x)
        constant = h_x.detach()
        means = proposal.means(constant)
        log_scales = 0.5 * proposal.log_variances(constant)
        log_weights = log_softmax(proposal.logits(constant), dim=1)

        edges = log_weights.detach().exp().cumsum(1)[:, :-1]
        chosen = (uniform.unsqueeze(2) > edges.unsqueeze(1)).sum(2)
        y = normal * log_scales.detach().exp().gather(1, chosen) + means.detach().gather(1, chosen)
        y = torch.cat([target, y], dim=1)

        u = (y.unsqueeze(2) - means.unsqueeze(1)) * (-log_scales).exp().unsqueeze(1)
        heights = log_weights - log_scales - 0.5 * math.log(2 * math.pi)
        log_q = torch.logsumexp(heights.unsqueeze(1) - 0.5 * u * u, dim=2)
        score = energy(h_x, y)

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
