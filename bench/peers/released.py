"""The 1D training step as the paper's authors released it, written anew: an energy-based model and its proposal.

The head concatenates the features of x and of y for every candidate. Densities are sums of exponentials, whose
logarithm is taken last. The proposal's head sits on constant features. Two losses, one backward pass, Adam.
"""

import torch
from torch import nn
from torch.nn.functional import relu

import measure


class Features(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(1, width)
        self.second = nn.Linear(width, width)

    def forward(self, x):
        return relu(self.second(relu(self.first(x))))


class Energy(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(1, width)
        self.second = nn.Linear(width, width)
        self.joint = nn.Linear(2 * width, width)
        self.residual = nn.Linear(width, width)
        self.score = nn.Linear(width, 1)

    def forward(self, features, y):
        """features [batch, width], y [batch, m] → [batch, m]"""
        batch, m = y.shape
        features = features.view(batch, 1, -1).expand(-1, m, -1)
        of_y = relu(self.second(relu(self.first(y.reshape(batch * m, 1)))))
        joint = torch.cat([features.reshape(batch * m, -1), of_y], dim=1)
        hidden = relu(self.joint(joint))
        hidden = relu(self.residual(hidden)) + hidden
        return self.score(hidden).view(batch, m)


class Proposal(nn.Module):
    def __init__(self, width, components):
        super().__init__()

        def branch():
            return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, components))

        self.means, self.log_variances, self.logits = branch(), branch(), branch()

    def forward(self, features):
        """features [batch, width] → means, scales, weights, each [batch, components]"""
        scales = torch.exp(0.5 * self.log_variances(features))
        return self.means(features), scales, torch.softmax(self.logits(features), dim=1)


def density(means, scales, weights, y):
    """q(y): [batch, components], [batch, m] → [batch, m]"""
    normal = torch.distributions.Normal(means.unsqueeze(1), scales.unsqueeze(1))
    return torch.sum(weights.unsqueeze(1) * torch.exp(normal.log_prob(y.unsqueeze(2))), dim=2)


def make_step(components, m, batch, width=10):
    features, energy, proposal = Features(width), Energy(width), Proposal(width, components)
    networks = nn.ModuleList([features, energy, proposal])
    adam = torch.optim.Adam(networks.parameters(), lr=1e-3)
    x, target = measure.examples(batch)

    def step():
        h_x = features(x)
        means, scales, weights = proposal(h_x.detach())
        mixture = torch.distributions.MixtureSameFamily(
            torch.distributions.Categorical(probs=weights), torch.distributions.Normal(means, scales)
        )
        y = mixture.sample((m,)).transpose(0, 1)
        q_y = density(means, scales, weights, y)
        q_target = density(means, scales, weights, target)
        f_y, f_target = energy(h_x, y), energy(h_x, target)

        kl = torch.logsumexp(f_y.detach() - torch.log(q_y), dim=1) - torch.log(torch.tensor(float(m)))
        observed = f_target - torch.log(q_target.detach())
        noise = f_y - torch.log(q_y.detach())
        nce = torch.logsumexp(torch.cat([observed, noise], dim=1), dim=1) - observed.squeeze(1)

        loss = nce.mean() + kl.mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return step


if __name__ == "__main__":
    measure.main(make_step)
