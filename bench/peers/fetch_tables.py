"""Small real data sets from packages, as CSV files with seeded splits: python fetch_tables.py --out tables

Nothing is downloaded but packages: `requirements-tabular.txt`, and for `concrete` Debian's r-cran-modeldata (left out,
with a message, where R or the package is not there). Each set becomes `OUT/NAME/data.csv`, and for each seed
`OUT/NAME/seed-S/train.csv`, `calibration.csv` and `test.csv`: 70, 10 and 20 % of the rows, drawn with that seed. Rows
for early stopping are a part of the training rows, which every method takes for itself.

The files are not to be committed: some sets may be used freely and not passed on.
"""

import argparse
import io
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

# Rows drawn from the 53940 diamonds: NGBoost takes minutes on more.
DIAMONDS = 10_000


def engel():
    """Food expenditure against income, 235 Belgian households of 1857. Engel; Koenker and Bassett (1982). In
    statsmodels, public domain."""
    import statsmodels.api

    return statsmodels.api.datasets.engel.load_pandas().data, "foodexp"


def diamonds():
    """Prices of diamonds in dollars, with carat, cut, colour, clarity and sizes. In ggplot2 and plotnine (MIT)."""
    data = pd.read_csv(files("plotnine") / "data" / "diamonds.csv")
    return data.sample(DIAMONDS, random_state=0), "price"


def mpg():
    """Highway miles per gallon of 234 cars of 1999 and 2008, EPA. In ggplot2 and plotnine (MIT). Without the city
    mileage, which gives the answer away, and the model, a name of its own for every sixth car."""
    data = pd.read_csv(files("plotnine") / "data" / "mpg.csv")
    return data.drop(columns=["cty", "model"]), "hwy"


def concrete():
    """Compressive strength of 1030 concretes, MPa, by what is in them and age in days. Yeh (1998), UCI Machine Learning
    Repository (CC BY 4.0). In R's modeldata."""
    command = "write.csv(modeldata::concrete, stdout(), row.names = FALSE)"
    try:
        text = subprocess.run(["Rscript", "-e", command], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        print("concrete is left out: it needs `apt-get install r-cran-modeldata`")
        return None, "compressive_strength"
    return pd.read_csv(io.StringIO(text)), "compressive_strength"


def digits():
    """Angle in degrees of 1797 handwritten digits, each turned at random, from its 8 × 8 pixels. Alpaydin and Kaynak
    (1998), UCI Machine Learning Repository (CC BY 4.0). In scikit-learn. A 0, 1 or 8 looks alike twice a turn."""
    from scipy.ndimage import rotate
    from sklearn.datasets import load_digits

    images = load_digits().images
    angles = np.random.default_rng(0).uniform(-180, 180, len(images)).round(1)
    turn = lambda image, angle: rotate(image, angle, reshape=False, order=1).round(2).ravel()
    pixels = np.array([turn(image, angle) for image, angle in zip(images, angles)])
    data = pd.DataFrame(pixels, columns=[f"pixel_{i // 8}_{i % 8}" for i in range(64)])
    return data.assign(angle=angles), "angle"


SETS = {function.__name__: function for function in [engel, mpg, concrete, diamonds, digits]}


def split(data, seed):
    """Disjoint parts, by a permutation of the rows."""
    order = np.random.default_rng(seed).permutation(len(data))
    test, calibration = round(0.2 * len(data)), round(0.1 * len(data))
    parts = np.split(order, [test, test + calibration])
    return dict(zip(["test", "calibration", "train"], parts))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "tables")
    parser.add_argument("--seeds", type=int, default=5, help="splits: seeds 0 to this, exclusive")
    options = parser.parse_args()
    for name, load in SETS.items():
        folder = options.out / name
        shutil.rmtree(folder, ignore_errors=True)
        data, target = load()
        if data is None:
            continue
        data = data.reset_index(drop=True)
        folder.mkdir(parents=True)
        data.to_csv(folder / "data.csv", index=False)
        (folder / "target.txt").write_text(target)
        for seed in range(options.seeds):
            (folder / f"seed-{seed}").mkdir()
            for part, rows in split(data, seed).items():
                data.iloc[rows].to_csv(folder / f"seed-{seed}" / f"{part}.csv", index=False)
        print(f"{name}: {len(data)} rows, {data.shape[1] - 1} inputs, target {target}")


if __name__ == "__main__":
    main()
