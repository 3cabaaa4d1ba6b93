"""Rows of a generator of another package, in an environment that has it: `make peers`.

`python -m aae.studies.peer_rows PEER LEARNED MADE NUMBER SEED` fits it to the rows, and labels if
there are any, of LEARNED (NPZ), and writes as many rows as NUMBER says to MADE (NPY). Settings
are the packages' own but for device, threads, seed, and the size of Forest-Flow.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS, DUPLICATES = 10, 10  # of Forest-Flow; its own 50 and 100 take hours on one thread

Rows = NDArray[Any]  # shape (rows, columns)
Peer = Callable[[Rows, Rows | None, int, int], Rows]  # rows, labels, number, seed -> rows


def main() -> None:
    """Read, fit, sample, write."""
    name, learned, made, number, seed = sys.argv[1:]
    np.random.seed(int(seed))  # noqa: NPY002 (the packages draw from this generator)
    with np.load(learned, allow_pickle=False) as arrays:
        rows, labels = arrays["rows"], arrays.get("labels")
    np.save(made, PEERS[name](rows, labels, int(number), int(seed)), allow_pickle=False)


def ctgan(rows: Rows, labels: Rows | None, number: int, seed: int) -> Rows:
    """Conditional GAN of Xu et al. 2019, with the label as a discrete column."""
    from ctgan import CTGAN

    return of_networks(CTGAN, rows, labels, number, seed)


def tvae(rows: Rows, labels: Rows | None, number: int, seed: int) -> Rows:
    """Variational autoencoder of Xu et al. 2019, with the label as a discrete column."""
    from ctgan import TVAE

    return of_networks(TVAE, rows, labels, number, seed)


def of_networks(kind: Any, rows: Rows, labels: Rows | None, number: int, seed: int) -> Rows:
    """Fit a synthesizer of `ctgan`, and leave the label of what it samples out."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    table, model = frame(rows), kind(enable_gpu=False)
    if labels is not None:
        table["label"] = labels.astype(str)
    model.fit(table, discrete_columns=list(table.columns[rows.shape[1] :]))
    return np.asarray(model.sample(number).iloc[:, : rows.shape[1]], dtype=float)


def gaussian_multivariate(rows: Rows, labels: Rows | None, number: int, seed: int) -> Rows:
    """Gaussian copula of `copulas` for each class; marginal laws chosen of its families."""
    from copulas.multivariate import GaussianMultivariate

    rng = np.random.default_rng(seed)
    labels = np.zeros(len(rows), dtype=int) if labels is None else labels
    chosen = rng.choice(labels, number)
    made = np.empty((number, rows.shape[1]))
    for label in np.unique(chosen):
        model, places = GaussianMultivariate(), chosen == label
        model.fit(frame(rows[labels == label]))
        made[places] = model.sample(int(places.sum()))
    return made


def forest_flow(rows: Rows, labels: Rows | None, number: int, seed: int) -> Rows:
    """Flow matching by boosted trees for each class (Jolicoeur-Martineau et al. 2024)."""
    from ForestDiffusion import ForestDiffusionModel

    sizes = {"n_t": LEVELS, "duplicate_K": DUPLICATES}
    classes = None if labels is None else np.unique(labels, return_inverse=True)[1]  # 0, 1, ...
    model = ForestDiffusionModel(rows.astype(float), label_y=classes, n_jobs=1, seed=seed, **sizes)
    return np.asarray(model.generate(batch_size=number)[:, : rows.shape[1]], dtype=float)


def frame(rows: Rows) -> Any:
    """Rows as a data frame, whose columns are named by their places."""
    import pandas

    return pandas.DataFrame(rows.astype(float), columns=[str(at) for at in range(rows.shape[1])])


PEERS: dict[str, Peer] = {
    "CTGAN": ctgan,
    "TVAE": tvae,
    "GaussianMultivariate": gaussian_multivariate,
    "Forest-Flow": forest_flow,
}


if __name__ == "__main__":
    main()
