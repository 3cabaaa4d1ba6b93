"""A trained model, run from its ONNX graphs without TensorFlow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.checksums import read_checked
from aae.generator.safety import check_onnx

Rows = NDArray[np.floating]

CHUNK_CELLS = 2**20  # cells decoded at a time


class Decoded(NamedTuple):
    """Rows drawn from p(x | z) and its mean, each (n, columns), in the data's units."""

    rows: Rows
    mean: Rows


class Encoded(NamedTuple):
    """Codes drawn from q(z | x) and its mean, each (n, codes), the category one-hot where told."""

    codes: Rows
    mean: Rows


class Drawn(NamedTuple):
    """New rows, (n, columns), in the data's units, and their codes, (n, codes)."""

    rows: Rows
    codes: Rows


def classes_of(codes: Rows, latent: int, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The class of each row, by the category in its codes; 0 where there is one class alone.

    Args:
        codes: shape (n, latent + categories).
        latent: dimension of z.
        labels: the class that each category is of, shape (categories,).
    """
    category = codes[:, latent:]
    if not category.shape[1]:
        return np.zeros(len(codes), dtype=np.int64)
    return np.asarray(labels[category.argmax(axis=1)])


class TrainedModel:
    """Encoder, decoder and generator of one training run.

    Attributes:
        columns: of the rows.
        latent: dimension of z; categories: one-hot, after z in the codes, 0 where there are none.
        labels: the class that each category is of, shape (categories,); many may be of one.
        joint: whether residuals depend on one another, and carry what codes do not.

    Args:
        folder: models/NAME/VARIANT/SEED.

    Raises:
        FileNotFoundError: the folder does not hold the three graphs.
    """

    def __init__(self, folder: Path):
        """Load the graphs."""
        self._encoder, self._decoder, self._generator = (
            session(folder / f"{part}.onnx") for part in ("encoder", "decoder", "generator")
        )
        self.columns = self._encoder.get_inputs()[0].shape[1]
        codes = self._encoder.get_outputs()[0].shape[1]
        properties = self._encoder.get_modelmeta().custom_metadata_map
        self.latent, self.joint = int(properties["latent"]), "labels" in properties
        self.categories = codes - self.latent
        self.labels = labels_of(self._encoder, self.categories)

    def encode(self, rows: Rows, rng: np.random.Generator) -> Encoded:
        """Draw one code from q(z | x) for each row, shape (n, columns)."""
        return Encoded(*self._run(self._encoder, ("codes", "mean"), rows, rng))

    def decode(self, codes: Rows, rng: np.random.Generator) -> Decoded:
        """Draw one row from p(x | z, c) for each code, shape (n, codes)."""
        return Decoded(*self._run(self._decoder, ("rows", "mean"), codes, rng))

    def _run(
        self, graph: Any, outputs: tuple[str, str], given: Rows, rng: np.random.Generator
    ) -> list[Rows]:
        """Run a graph on chunks of what is given, with noise where it takes any."""
        first, *noise = graph.get_inputs()
        step, kind = chunk(graph, self.columns), dtype_of(first)
        parts = []
        for start in range(0, len(given), step):
            inputs: dict[str, Rows] = {
                first.name: given[start : start + step].astype(kind, copy=False)
            }
            for each in noise:
                inputs[each.name] = standard_normal(rng, (len(inputs[first.name]), each.shape[1]))
            parts.append(graph.run(list(outputs), inputs))
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def reconstruct(self, rows: Rows) -> Rows:
        """Return the mean of p(x | z, c) at the means of the codes of rows."""
        rng = np.random.default_rng(0)
        return self.decode(self.encode(rows, rng).mean, rng).mean

    def generate(self, rows: int, rng: np.random.Generator) -> Drawn:
        """Draw new rows, one or more."""
        parts = zip(*chunks(self._generator, rows, rng), strict=True)
        return Drawn(*(np.concatenate(part) for part in parts))


def labels_of(graph: Any, categories: int) -> NDArray[np.int64]:
    """The class that each category is of: what a graph says, else each of its own."""
    labels = graph.get_modelmeta().custom_metadata_map.get("labels")
    each = range(categories) if labels is None else map(int, labels.split())
    return np.array([*each][:categories], dtype=np.int64)


def chunks(generator: Any, rows: int, rng: np.random.Generator) -> Iterator[Drawn]:
    """Draw new rows in chunks, so that memory does not grow with their number.

    Args:
        generator: session of a generator.onnx.
        rows: how many.
        rng: of the noise.
    """
    width = generator.get_inputs()[0].shape[1]
    step = chunk(generator, width)
    for start in range(0, rows, step):
        noise = standard_normal(rng, (min(step, rows - start), width))
        yield Drawn(*generator.run(["rows", "codes"], {"noise": noise}))


def chunk(graph: Any, width: int) -> int:
    """Rows that a graph works on at a time: it says how many numbers one takes, or its width."""
    cells = graph.get_modelmeta().custom_metadata_map.get("cells", width)
    return max(1, CHUNK_CELLS // int(cells))


def dtype_of(tensor: Any) -> type:
    """The type of a graph's input or output: float64 where a table needs it, else float32."""
    return np.float64 if "double" in tensor.type else np.float32


def standard_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """Standard normal noise, float32."""
    return rng.standard_normal(shape, dtype=np.float32)


def session(path: Path) -> Any:
    """Open an ONNX graph on one thread, so that its rounding does not depend on the machine's load.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, or holds what `aae.generator.safety` refuses.
    """
    import onnxruntime

    content = read_checked(path)
    try:
        check_onnx(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
