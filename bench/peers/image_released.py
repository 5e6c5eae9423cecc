"""The image training step as the paper's authors released it, written anew: an energy-based model and its proposal.

The head concatenates the features of x and of y for every candidate: 640 → 512 on 32768 rows. Densities are sums of
exponentials, whose logarithm is taken last. The proposal's head sits on constant features. Two losses, one backward
pass, Adam.
"""

import torch
from torch import nn
from torch.nn.functional import relu

import image_measure
from image_measure import BATCH, FEATURES, M
from released import density
from resnet18 import Resnet18

COMPONENTS = 1


class Energy(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 16, 32, 64, 128]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.joint = nn.Linear(FEATURES + 128, 512)
        self.score = nn.Linear(512, 1)

    def forward(self, features, y):
        """features [batch, 512], y [batch, m] → [batch, m]"""
        batch, m = y.shape
        features = features.view(batch, 1, -1).expand(-1, m, -1)
        of_y = y.reshape(batch * m, 1)
        for layer in self.layers:
            of_y = relu(layer(of_y))
        joint = torch.cat([features.reshape(batch * m, -1), of_y], dim=1)
        return self.score(relu(self.joint(joint))).view(batch, m)


class Proposal(nn.Module):
    def __init__(self):
        super().__init__()

        def branch():
            return nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.ReLU(), nn.Linear(FEATURES, COMPONENTS))

        self.means, self.log_variances, self.logits = branch(), branch(), branch()

    def forward(self, features):
        """features [batch, 512] → means, scales, weights, each [batch, components]"""
        scales = torch.exp(0.5 * self.log_variances(features))
        return self.means(features), scales, torch.softmax(self.logits(features), dim=1)


def losses(energy, proposal, h_x, target):
    means, scales, weights = proposal(h_x.detach())
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(probs=weights), torch.distributions.Normal(means, scales)
    )
    y = mixture.sample((M,)).transpose(0, 1)
    q_y = density(means, scales, weights, y)
    q_target = density(means, scales, weights, target)
    f_y, f_target = energy(h_x, y), energy(h_x, target)

    kl = torch.logsumexp(f_y.detach() - torch.log(q_y), dim=1) - torch.log(torch.tensor(float(M)))
    observed = f_target - torch.log(q_target.detach())
    noise = f_y - torch.log(q_y.detach())
    nce = torch.logsumexp(torch.cat([observed, noise], dim=1), dim=1) - observed.squeeze(1)
    return nce.mean() + kl.mean()


def head():
    energy, proposal = Energy(), Proposal()
    features, (_, target) = torch.randn(BATCH, FEATURES, requires_grad=True), image_measure.images()

    def work():
        energy.zero_grad()
        proposal.zero_grad()
        features.grad = None
        losses(energy, proposal, features, target).backward()

    return work


def resnet():
    network, (images, _) = Resnet18(), image_measure.images()
    slopes = torch.randn(BATCH, FEATURES)

    def work():
        network.zero_grad()
        (network(images) * slopes).sum().backward()

    return work


def step(frozen):
    network, energy, proposal = Resnet18(), Energy(), Proposal()
    adam = torch.optim.Adam(nn.ModuleList([network, energy, proposal]).parameters(), lr=1e-3)
    images, target = image_measure.images()

    def work():
        h_x = network(images)
        loss = losses(energy, proposal, h_x.detach() if frozen else h_x, target)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return work


if __name__ == "__main__":
    work = {"head": head, "resnet": resnet, "step-frozen": lambda: step(True), "step": lambda: step(False)}
    image_measure.main(work)
