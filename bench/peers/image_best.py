"""The image training step as fast as we could make it in PyTorch: a factored head, log space, compiled, fused Adam.

W [h_x; h_y] is W_x h_x, once an example, plus W_y h_y. The losses are compiled as one graph, forward and backward; the
backbone keeps its channels last. A frozen backbone runs without recording gradients. The loss is not read back.
`GLIBC_TUNABLES` with larger thresholds of malloc helps it as it helps us.
"""

import math

import torch
from torch import nn
from torch.nn.functional import log_softmax, relu

import image_measure
from image_measure import BATCH, FEATURES, M
from image_released import Proposal
from resnet18 import Resnet18


class Energy(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 16, 32, 64, 128]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.from_features = nn.Linear(FEATURES, 512)
        self.from_target = nn.Linear(128, 512, bias=False)
        self.score = nn.Linear(512, 1)

    def forward(self, features, y):
        """features [batch, 512], y [batch, m] → [batch, m]"""
        of_y = y.unsqueeze(2)
        for layer in self.layers:
            of_y = relu(layer(of_y))
        hidden = relu(self.from_features(features).unsqueeze(1) + self.from_target(of_y))
        return self.score(hidden).squeeze(2)


def losses(energy, proposal, h_x, target, normal):
    """One component, whose log-weight is 0."""
    constant = h_x.detach()
    means = proposal.means(constant)
    log_scales = 0.5 * proposal.log_variances(constant)
    log_weights = log_softmax(proposal.logits(constant), dim=1)

    y = torch.cat([target, normal * log_scales.detach().exp() + means.detach()], dim=1)
    u = (y - means) * (-log_scales).exp()
    log_q = log_weights - log_scales - 0.5 * math.log(2 * math.pi) - 0.5 * u * u
    score = energy(h_x, y)

    contrast = score - log_q.detach()
    nce = torch.logsumexp(contrast, dim=1) - contrast[:, 0]
    kl = torch.logsumexp((score.detach() - log_q)[:, 1:], dim=1)
    return nce.mean() + kl.mean()


def head():
    energy, proposal, compiled = Energy(), Proposal(), torch.compile(losses)
    features, (_, target) = torch.randn(BATCH, FEATURES, requires_grad=True), image_measure.images()

    def work():
        energy.zero_grad()
        proposal.zero_grad()
        features.grad = None
        compiled(energy, proposal, features, target, torch.randn(BATCH, M)).backward()

    return work


def backbone():
    return Resnet18().to(memory_format=torch.channels_last)


def channels_last(images):
    return images.contiguous(memory_format=torch.channels_last)


def resnet():
    network, (images, _) = backbone(), image_measure.images()
    compiled, images, slopes = torch.compile(network), channels_last(images), torch.randn(BATCH, FEATURES)

    def work():
        network.zero_grad()
        (compiled(images) * slopes).sum().backward()

    return work


def step(frozen):
    network, energy, proposal = backbone(), Energy(), Proposal()
    adam = torch.optim.Adam(nn.ModuleList([network, energy, proposal]).parameters(), lr=1e-3, fused=True)
    images, target = image_measure.images()
    images = channels_last(images)
    compiled_network, compiled = torch.compile(network), torch.compile(losses)

    def work():
        with torch.set_grad_enabled(not frozen):
            h_x = compiled_network(images)
        loss = compiled(energy, proposal, h_x, target, torch.randn(BATCH, M))
        adam.zero_grad()
        loss.backward()
        adam.step()

    return work


if __name__ == "__main__":
    work = {"head": head, "resnet": resnet, "step-frozen": lambda: step(True), "step": lambda: step(False)}
    image_measure.main(work)
