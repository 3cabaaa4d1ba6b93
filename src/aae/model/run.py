"""One training run: rows and a recipe to a folder with weights, graphs, history and recipe."""

from pathlib import Path

from aae.base.checks import at_least
from aae.base.files import replacing, write_json
from aae.dataset.splits import Split
from aae.model.configuration import Recipe
from aae.model.runtime import import_tensorflow, reproducible, versions


def run(folder: Path, data: Split, recipe: Recipe, seed: int, title: str) -> str:
    """Train a model and write its folder: the same rows, recipe and seed give the same bytes.

    Args:
        folder: appears when all is written; what is there is replaced.
        data: training rows.
        recipe: of the model and its training.
        seed: of weights, order of rows and noise.
        title: beside the progress bar.

    Returns:
        One line: how long, and how good.

    Raises:
        ValueError: rows that cannot be trained on, or a negative seed.
    """
    at_least(0).check("seed", seed)
    import_tensorflow()

    from aae.model.autoencoder import summary
    from aae.model.checkpoint import Checkpoint
    from aae.model.export import export, write_weights
    from aae.model.history import History
    from aae.model.progress import Progress
    from aae.model.training import build, fit, labelled_rows

    reproducible(seed, recipe.train.device)
    checkpoint = Checkpoint(title, data, recipe, seed)
    model = build(data, recipe.model, seed, recipe.train.label_noise)
    with replacing(folder) as temporary:
        temporary.mkdir()
        epochs = recipe.train.epochs * len(model.choices)
        with History(temporary, title, epochs) as history:
            progress = Progress(history.log, checkpoint)
            history.kept = fit(model, data, recipe.train, seed, progress)
        write_weights(model, temporary / "weights.weights.h5")
        (temporary / "summary.txt").write_text(summary(model))
        rows = labelled_rows(len(data.rows), recipe, seed)
        # With `vars`, a setting that is only written down does not count as one that is read.
        sections = {"model": vars(recipe.model), "train": vars(recipe.train)}
        facts = {"labelled_rows": rows, "versions": versions()}
        write_json(temporary / "recipe.json", sections | facts)
        export(model, temporary)
    checkpoint.remove()
    return history.conclusion()
