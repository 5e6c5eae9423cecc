"""`ebm` and its peers on the same tables and splits: python tabular.py run, then python tabular.py report

`fetch_tables.py` comes first. Every method gets `train.csv` and holds out a part of it as it likes; `ebm` gets
`calibration.csv` as well, for `ebm calibrate`, and its row says so; all are measured on `test.csv`. One thread each;
seconds are of the processor, so that another program on the machine matters little. A result that is there is not
computed again.

Peers: NGBoost with its default Normal, and an MDN in PyTorch. What is measured, in the target's own units:
- nll: mean −log p(y|x) of the test rows, nats;
- crps: mean continuous ranked probability score;
- coverage_90: test labels between the 5 % and the 95 % quantile;
- hpd_coverage_90: test labels in the highest-density set of probability 0.9;
- calibrated_coverage_90: the same after `ebm calibrate`.
"""

import argparse
import json
import platform
import resource
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

HERE = Path(__file__).parent
METRICS = ["nll", "crps", "coverage_90", "hpd_coverage_90"]
CALIBRATED = "calibrated_coverage_90"
# Draws that tell how much of a density is higher than a label's.
DRAWS = 4000


class Columns:
    """Numbers for the peers: numeric columns standardised, categories one-hot; both learnt from the training rows."""

    def __init__(self, train, target):
        self.target = target
        inputs = train.drop(columns=target)
        self.numeric = list(inputs.select_dtypes("number"))
        self.levels = {name: sorted(inputs[name].unique()) for name in inputs if name not in self.numeric}
        self.mean, self.sd = inputs[self.numeric].mean(), inputs[self.numeric].std(ddof=0)
        self.sd[self.sd == 0] = 1

    def __call__(self, data):
        numbers = ((data[self.numeric] - self.mean) / self.sd).to_numpy()
        hot = [(data[name] == level).to_numpy(float)[:, None] for name, levels in self.levels.items() for level in levels]
        return np.hstack([numbers, *hot]), data[self.target].to_numpy(float)


def held_out(train, seed):
    """A fifth of the training rows for early stopping."""
    order = np.random.default_rng(seed).permutation(len(train))
    cut = len(train) // 5
    return train.iloc[order[cut:]], train.iloc[order[:cut]]


class Mixtures:
    """A mixture of Gaussians for each test row, arrays [rows, components]; a Normal is one of one component."""

    def __init__(self, weights, means, sds):
        self.weights, self.means, self.sds = weights, means, sds

    def log_prob(self, y):
        """y [rows, points]"""
        z = (y[:, :, None] - self.means[:, None, :]) / self.sds[:, None, :]
        each = np.log(self.weights)[:, None] - np.log(self.sds)[:, None] - 0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        return np.logaddexp.reduce(each, axis=2)

    def cdf(self, y):
        return (self.weights * norm.cdf((y[:, None] - self.means) / self.sds)).sum(1)

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

    def mass_above(self, y, rng):
        """Probability of the values whose density is higher than the label's."""
        uniform = rng.random((len(y), DRAWS, 1))
        chosen = (uniform > self.weights.cumsum(1)[:, None, :-1]).sum(2)
        take = lambda values: np.take_along_axis(values, chosen, 1)
        draws = take(self.means) + take(self.sds) * rng.standard_normal(chosen.shape)
        return (self.log_prob(draws) > self.log_prob(y[:, None])).mean(1)

    def measure(self, y):
        pit = self.cdf(y)
        return {
            "nll": -self.log_prob(y[:, None]).mean(),
            "crps": self.crps(y).mean(),
            "coverage_90": ((pit >= 0.05) & (pit <= 0.95)).mean(),
            "hpd_coverage_90": (self.mass_above(y, np.random.default_rng(0)) <= 0.9).mean(),
        }


def ngboost(folder, target, seed):
    """NGBoost's default distribution, learner and learning rate; the number of rounds is chosen on held-out rows and
    the model refitted with all of them, as in its paper (Duan et al., 2020, Sec. 4)."""
    from ngboost import NGBRegressor

    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    columns = Columns(train, target)
    start = time.process_time()
    fitted, stopping = (columns(part) for part in held_out(train, seed))
    search = NGBRegressor(n_estimators=2000, random_state=seed, verbose=False)
    search.fit(*fitted, *stopping, early_stopping_rounds=50)
    rounds = search.best_val_loss_itr + 1
    model = NGBRegressor(n_estimators=rounds, random_state=seed, verbose=False).fit(*columns(train))
    seconds = time.process_time() - start
    x, y = columns(test)
    normal = model.pred_dist(x).params
    one = np.ones((len(y), 1))
    return Mixtures(one, normal["loc"][:, None], normal["scale"][:, None]).measure(y), seconds


def mdn(folder, target, seed):
    """An MDN: two hidden layers of 128, five Gaussians, inputs and target standardised, AdamW, early stopping."""
    import torch
    from torch import nn

    components, width, patience, epochs, batch = 5, 128, 100, 1000, 64
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    columns = Columns(train, target)
    start = time.process_time()
    tensors = lambda part: tuple(torch.tensor(array, dtype=torch.float32) for array in columns(part))
    (x, y), (x_held, y_held) = (tensors(part) for part in held_out(train, seed))
    mean, sd = y.mean(), y.std()
    y, y_held = (y - mean) / sd, (y_held - mean) / sd
    network = nn.Sequential(
        nn.Linear(x.shape[1], width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 3 * components)
    )

    def mixture(x):
        logits, means, log_sds = network(x).chunk(3, 1)
        # No Gaussian is narrower than a hundredth of the target's spread: repeated labels would pull it to nothing.
        return torch.distributions.MixtureSameFamily(
            torch.distributions.Categorical(logits=logits),
            torch.distributions.Normal(means, log_sds.exp() + 0.01),
        )

    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    best, best_state, waited = float("inf"), None, 0
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            optimiser.zero_grad()
            loss = -mixture(x[rows]).log_prob(y[rows]).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            optimiser.step()
        with torch.no_grad():
            held = -mixture(x_held).log_prob(y_held).mean().item()
        if held < best:
            best, waited = held, 0
            best_state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        else:
            waited += 1
            if waited >= patience:
                break
    network.load_state_dict(best_state)
    seconds = time.process_time() - start
    x, y = tensors(test)
    with torch.no_grad():
        predicted = mixture(x)
        parts = [
            predicted.mixture_distribution.probs,
            predicted.component_distribution.mean * sd + mean,
            predicted.component_distribution.stddev * sd,
        ]
    return Mixtures(*(part.double().numpy() for part in parts)).measure(y.double().numpy()), seconds


def ebm(folder, target, seed, program, method):
    """The command line as a person would use it: defaults, but for a split that leaves calibration and test to the files
    of their own."""

    def run(*arguments):
        command = [program, *arguments, "--threads", "1", "--quiet"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    with tempfile.TemporaryDirectory() as scratch:
        model = str(Path(scratch) / "model")
        start = children()
        train = ["train", str(folder / "train.csv"), "--target", target, "--out", model, "--seed", str(seed)]
        run(*train, "--method", method, "--split", "0.8,0.2,0,0")
        seconds = children() - start
        run("calibrate", model, str(folder / "calibration.csv"))
        evaluation = json.loads(run("evaluate", model, str(folder / "test.csv"), "--json"))
    return {metric: evaluation["metrics"][metric] for metric in [*METRICS, CALIBRATED]}, seconds


METHODS = ["ngboost", "mdn", "ebm", "ebm_mdn"]
NAMES = {
    "ngboost": "NGBoost, Normal",
    "mdn": "MDN in PyTorch, K = 5",
    "ebm": "`ebm train`",
    "ebm_mdn": "`ebm train --method mdn`",
}


def compute(method, folder, target, seed, program):
    if method == "ngboost":
        return ngboost(folder, target, seed)
    if method == "mdn":
        return mdn(folder, target, seed)
    return ebm(folder, target, seed, program, "mdn" if method == "ebm_mdn" else "ebm")


def run(options):
    results = options.tables / "results.jsonl"
    done = {(r["set"], r["method"], r["seed"]) for r in read(results)}
    sets = options.set or sorted(path.name for path in options.tables.iterdir() if path.is_dir())
    for name in sets:
        target = (options.tables / name / "target.txt").read_text()
        for folder in sorted((options.tables / name).glob("seed-*")):
            seed = int(folder.name.removeprefix("seed-"))
            for method in options.method or METHODS:
                if (name, method, seed) in done:
                    continue
                metrics, seconds = compute(method, folder, target, seed, options.ebm)
                rows = sum(1 for _ in open(folder / "test.csv")) - 1
                record = {"set": name, "method": method, "seed": seed, "seconds": seconds, "test_rows": rows}
                record |= {metric: float(value) for metric, value in metrics.items()}
                with open(results, "a") as file:
                    print(json.dumps(record), file=file)
                print(json.dumps(record), flush=True)


def read(results):
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def report(options):
    """The table in Markdown: means over the seeds, with the standard error of a mean where it says ±."""
    records = pd.DataFrame(read(options.tables / "results.jsonl"))
    print("| set | method | NLL, nats | CRPS | in 90 % interval | in 90 % HPD set | calibrated | s, CPU | seeds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, of_set in records.groupby("set"):
        rows = [(method, of_set[of_set.method == method]) for method in METHODS if (of_set.method == method).any()]
        best = {metric: min(part[metric].mean() for _, part in rows) for metric in ["nll", "crps"]}
        for method, part in rows:
            error = lambda metric: part[metric].std(ddof=1) / len(part) ** 0.5
            mean = {metric: part[metric].mean() for metric in [*METRICS, "seconds"]}
            digits = max(2, 2 - int(np.floor(np.log10(error("crps")))) - 1)

            def cell(metric, digits):
                text = f"{mean[metric]:.{digits}f} ± {error(metric):.{digits}f}"
                return f"**{text}**" if mean[metric] == best[metric] else text

            calibrated = part.get(CALIBRATED, pd.Series(dtype=float)).mean()
            print(
                f"| {name} | {NAMES[method]} | {cell('nll', 3)} | {cell('crps', min(digits, 4))} "
                f"| {mean['coverage_90']:.3f} | {mean['hpd_coverage_90']:.3f} "
                f"| {'-' if np.isnan(calibrated) else f'{calibrated:.3f}'} "
                f"| {mean['seconds']:.1f} | {len(part)} |"
            )
    packages = ["ngboost", "torch", "scikit-learn", "numpy"]
    print("\nPython " + platform.python_version() + "".join(f", {name} {version(name)}" for name in packages) + ".")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["run", "report"])
    parser.add_argument("--tables", type=Path, default=HERE / "tables")
    parser.add_argument("--method", choices=METHODS, action="append", help="all unless given")
    parser.add_argument("--set", action="append", help="all unless given")
    parser.add_argument("--ebm", default="ebm", help="the program")
    options = parser.parse_args()
    run(options) if options.do == "run" else report(options)


if __name__ == "__main__":
    main()
