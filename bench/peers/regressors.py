"""The peers: each fits a table and predicts a density for each row of another. (fitted density, seconds of the CPU).

Every one is used as its authors say and not tuned a set; where a number of rounds or epochs is chosen, it is chosen on
a fifth of the training rows. Inputs are standardised, categories one-hot. One thread each.
"""

import time

import numpy as np

from densities import Draws, Mixtures


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


def ngboost(train, test, target, seed):
    """NGBoost's default distribution, learner and learning rate; the number of rounds is chosen on held-out rows and
    the model refitted with all of them, as in its paper (Duan et al., 2020, Sec. 4)."""
    from ngboost import NGBRegressor

    columns = Columns(train, target)
    start = time.process_time()
    fitted, stopping = (columns(part) for part in held_out(train, seed))
    search = NGBRegressor(n_estimators=2000, random_state=seed, verbose=False)
    search.fit(*fitted, *stopping, early_stopping_rounds=50)
    rounds = search.best_val_loss_itr + 1
    model = NGBRegressor(n_estimators=rounds, random_state=seed, verbose=False).fit(*columns(train))
    seconds = time.process_time() - start
    normal = model.pred_dist(columns(test)[0]).params
    return Mixtures.normal(normal["loc"], normal["scale"]), seconds


def catboost(train, test, target, seed):
    """CatBoost with the loss RMSEWithUncertainty, a Normal (Malinin, Prokhorenkova and Ustimenko, 2021), default depth
    and learning rate; the number of rounds is chosen on held-out rows and the model refitted with all of them."""
    from catboost import CatBoostRegressor

    columns = Columns(train, target)

    def model(rounds, **more):
        return CatBoostRegressor(
            loss_function="RMSEWithUncertainty",
            iterations=rounds,
            learning_rate=0.03,
            random_seed=seed,
            thread_count=1,
            verbose=False,
            allow_writing_files=False,
            **more,
        )

    start = time.process_time()
    fitted, stopping = (columns(part) for part in held_out(train, seed))
    search = model(5000, early_stopping_rounds=50).fit(*fitted, eval_set=stopping)
    final = model(search.get_best_iteration() + 1).fit(*columns(train))
    seconds = time.process_time() - start
    predicted = final.predict(columns(test)[0], prediction_type="RMSEWithUncertainty")
    return Mixtures.normal(predicted[:, 0], np.sqrt(predicted[:, 1])), seconds


def pgbm(train, test, target, seed):
    """PGBM on scikit-learn's histograms, a Normal (Sprangers, Schelter and de Rijke, 2021), default learning rate; the
    number of rounds is chosen on held-out rows and the model refitted with all of them."""
    from pgbm.sklearn import HistGradientBoostingRegressor

    columns = Columns(train, target)
    start = time.process_time()
    stopping = {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 50}
    search = HistGradientBoostingRegressor(max_iter=2000, random_state=seed, **stopping).fit(*columns(train))
    # The search ends this many rounds after the best.
    rounds = max(1, search.n_iter_ - (50 if search.n_iter_ < 2000 else 0))
    model = HistGradientBoostingRegressor(max_iter=rounds, early_stopping=False, random_state=seed).fit(*columns(train))
    seconds = time.process_time() - start
    mean, sd = model.predict(columns(test)[0], return_std=True)
    return Mixtures.normal(mean, sd), seconds


def treeffuser(train, test, target, seed):
    """Treeffuser with its defaults (Beltran-Velez et al., 2024); 100 draws for each row, as in its paper."""
    from treeffuser import Treeffuser

    columns = Columns(train, target)
    x, y = columns(train)
    start = time.process_time()
    model = Treeffuser(seed=seed, n_jobs=1)
    model.fit(x, y)
    seconds = time.process_time() - start
    draws = model.sample(columns(test)[0], n_samples=100, seed=seed)
    return Draws(np.asarray(draws, dtype=float).reshape(100, len(test)).T), seconds


def mdn(train, test, target, seed):
    """An MDN: two hidden layers of 128, five Gaussians, inputs and target standardised, AdamW, early stopping."""
    import torch
    from torch import nn

    components, width, patience, epochs, batch = 5, 128, 100, 1000, 64
    torch.set_num_threads(1)
    torch.manual_seed(seed)
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
    with torch.no_grad():
        predicted = mixture(tensors(test)[0])
        parts = [
            predicted.mixture_distribution.probs,
            predicted.component_distribution.mean * sd + mean,
            predicted.component_distribution.stddev * sd,
        ]
    return Mixtures(*(part.double().numpy() for part in parts)), seconds


def ensemble(train, test, target, seed):
    """A deep ensemble (Lakshminarayanan, Pritzel and Blundell, 2017) of five MDNs, each with weights and held-out rows
    of its own: the mean of their densities."""
    members = 5
    fitted = [mdn(train, test, target, seed * members + member) for member in range(members)]
    parts = [
        np.hstack([getattr(density, name) for density, _ in fitted]) for name in ("weights", "means", "sds")
    ]
    return Mixtures(parts[0] / members, *parts[1:]), sum(seconds for _, seconds in fitted)


# Each peer with the packages whose versions make its results.
PEERS = {
    "ngboost": (ngboost, ["ngboost", "scikit-learn", "numpy"]),
    "catboost": (catboost, ["catboost", "numpy"]),
    "pgbm": (pgbm, ["pgbm", "scikit-learn", "numpy"]),
    "treeffuser": (treeffuser, ["treeffuser", "lightgbm", "numpy"]),
    "mdn": (mdn, ["torch", "numpy"]),
    "ensemble": (ensemble, ["torch", "numpy"]),
}
