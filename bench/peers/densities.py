"""Predictive densities of the peers, and what is measured of them, in the target's own units:

- nll: mean −log p(y|x) of the test rows, nats;
- crps: mean continuous ranked probability score;
- coverage_90, width_90: test labels between the 5 % and the 95 % quantile, and the mean distance of the two;
- hpd_coverage_90, hpd_width_90: test labels in the highest-density set of probability 0.9, and its mean size.

The keys and definitions are those of `ebm evaluate`.
"""

import numpy as np
from scipy.stats import norm

# Draws from a mixture that tell which densities a highest-density set has.
DRAWS = 4000
# Rows measured at once: bounds the memory.
ROWS = 64


class Mixtures:
    """A mixture of Gaussians for each test row, arrays [rows, components]; a Normal is one of one component."""

    def __init__(self, weights, means, sds):
        self.weights, self.means, self.sds = weights, means, sds

    @classmethod
    def normal(cls, means, sds):
        return cls(np.ones((len(means), 1)), np.asarray(means)[:, None], np.asarray(sds)[:, None])

    def rows(self, rows):
        return Mixtures(self.weights[rows], self.means[rows], self.sds[rows])

    def log_prob(self, y):
        """y [rows, points]"""
        z = (y[:, :, None] - self.means[:, None, :]) / self.sds[:, None, :]
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights)
        each = log_weights[:, None] - np.log(self.sds)[:, None] - 0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        return np.logaddexp.reduce(each, axis=2)

    def cdf(self, y):
        return (self.weights * norm.cdf((y[:, None] - self.means) / self.sds)).sum(1)

    def quantile(self, level):
        """By bisection, to 60 bits of the range of the components' quantiles."""
        each = norm.ppf(level, self.means, self.sds)
        low, high = each.min(1), each.max(1)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = self.cdf(middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return 0.5 * (low + high)

    def crps(self, y):
        """Grimit, Gneiting, Berrocal and Johnson (2006), eq. (5)."""

        def expected_distance(mean, sd):
            z = mean / sd
            return 2 * sd * norm.pdf(z) + mean * (2 * norm.cdf(z) - 1)

        to_label = (self.weights * expected_distance(y[:, None] - self.means, self.sds)).sum(1)
        means = self.means[:, :, None] - self.means[:, None, :]
        sds = np.sqrt(self.sds[:, :, None] ** 2 + self.sds[:, None, :] ** 2)
        weights = self.weights[:, :, None] * self.weights[:, None, :]
        return to_label - 0.5 * (weights * expected_distance(means, sds)).sum((1, 2))

    def highest_density(self, y, rng):
        """Whether labels are in the highest-density sets of 90 %, and the sizes of the sets, both by draws.

        A set is where p exceeds the 10 % quantile t of p over draws from p. Its size is ∫ 1[p > t] dy, the mean of
        1[p > t] / p over the draws, whose terms are below 1 / t.
        """
        uniform = rng.random((len(y), DRAWS, 1))
        chosen = (uniform > self.weights.cumsum(1)[:, None, :-1]).sum(2)
        take = lambda values: np.take_along_axis(values, chosen, 1)
        draws = take(self.means) + take(self.sds) * rng.standard_normal(chosen.shape)
        log_prob = self.log_prob(draws)
        threshold = np.quantile(log_prob, 0.1, axis=1, keepdims=True)
        size = np.where(log_prob > threshold, np.exp(-np.maximum(log_prob, threshold)), 0).mean(1)
        return self.log_prob(y[:, None])[:, 0] >= threshold[:, 0], size

    def measure(self, y):
        rng = np.random.default_rng(0)
        batches = [slice(start, start + ROWS) for start in range(0, len(y), ROWS)]
        parts = [self.rows(rows).measure_rows(y[rows], rng) for rows in batches]
        return {metric: np.concatenate([part[metric] for part in parts]).mean() for metric in parts[0]}

    def measure_rows(self, y, rng):
        """Each metric of each row."""
        low, high = self.quantile(0.05), self.quantile(0.95)
        inside, size = self.highest_density(y, rng)
        return {
            "nll": -self.log_prob(y[:, None])[:, 0],
            "crps": self.crps(y),
            "coverage_90": (low <= y) & (y <= high),
            "width_90": high - low,
            "hpd_coverage_90": inside,
            "hpd_width_90": size,
        }


class Draws:
    """Draws [rows, n] from p(y|x) without a density.

    CRPS and quantiles are those of the draws. The likelihood is of a Gaussian kernel density, whose bandwidth is chosen
    for each row from ten, 10⁻³ to 10³ times the draws' spread, by likelihood in three folds, as in the Treeffuser paper.
    """

    BANDWIDTHS = np.logspace(-3, 3, 10)

    def __init__(self, draws):
        self.draws = draws

    def kernels(self):
        """The kernel densities, mixtures of as many Gaussians as there are draws."""
        rows, n = self.draws.shape
        spread = np.maximum(self.draws.std(1), np.finfo(float).tiny)
        held = np.zeros((len(self.BANDWIDTHS), rows))
        for fold in np.array_split(np.arange(n), 3):
            rest = np.delete(self.draws, fold, axis=1)
            for index, scale in enumerate(self.BANDWIDTHS):
                sds = np.broadcast_to((scale * spread)[:, None], rest.shape)
                density = Mixtures(np.full(rest.shape, 1 / rest.shape[1]), rest, sds)
                held[index] += density.log_prob(self.draws[:, fold]).sum(1)
        chosen = self.BANDWIDTHS[held.argmax(0)] * spread
        return Mixtures(np.full((rows, n), 1 / n), self.draws, np.broadcast_to(chosen[:, None], (rows, n)))

    def crps(self, y):
        ordered = np.sort(self.draws, axis=1)
        n = ordered.shape[1]
        # ½ E|a − b| over pairs of draws, from their order.
        between = (ordered * (2 * np.arange(1, n + 1) - n - 1)).sum(1) / n**2
        return np.abs(self.draws - y[:, None]).mean(1) - between

    def measure(self, y):
        measured = []
        rng = np.random.default_rng(0)
        for start in range(0, len(y), ROWS):
            part, label = Draws(self.draws[start : start + ROWS]), y[start : start + ROWS]
            kernels = part.kernels()
            low, high = np.quantile(part.draws, [0.05, 0.95], axis=1)
            inside, size = kernels.highest_density(label, rng)
            measured.append(
                {
                    "nll": -kernels.log_prob(label[:, None])[:, 0],
                    "crps": part.crps(label),
                    "coverage_90": (low <= label) & (label <= high),
                    "width_90": high - low,
                    "hpd_coverage_90": inside,
                    "hpd_width_90": size,
                }
            )
        return {metric: np.concatenate([part[metric] for part in measured]).mean() for metric in measured[0]}
