"""A trained model, run from its ONNX graphs without TensorFlow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

CHUNK_CELLS = 2**20  # cells decoded at a time


class Decoded(NamedTuple):
    """Rows drawn from p(x | z) and its mean, each (n, columns), in the data's units."""

    rows: Rows
    mean: Rows


class TrainedModel:
    """Encoder, decoder and generator of one training run.

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
        self.latent = self._encoder.get_outputs()[0].shape[1]
        self.columns = self._encoder.get_inputs()[0].shape[1]

    def encode(self, rows: Rows) -> Rows:
        """Return the codes, shape (n, latent), of rows, shape (n, columns)."""
        parts = [self._encoder.run(["codes"], {"rows": part})[0] for part in self._cut(rows)]
        return np.concatenate(parts)

    def decode(self, codes: Rows, rng: np.random.Generator) -> Decoded:
        """Draw one row from p(x | z) for each code."""
        sampled = len(self._decoder.get_inputs()) > 1
        parts = []
        for part in self._cut(codes):
            inputs = {"codes": part}
            if sampled:
                inputs["noise"] = standard_normal(rng, (len(part), self.columns))
            parts.append(self._decoder.run(["rows", "mean"], inputs))
        return Decoded(*(np.concatenate(outputs) for outputs in zip(*parts, strict=True)))

    def reconstruct(self, rows: Rows) -> Rows:
        """Return the mean of p(x | z) at the codes of rows."""
        return self.decode(self.encode(rows), np.random.default_rng(0)).mean

    def generate(self, rows: int, rng: np.random.Generator) -> Iterator[Rows]:
        """Draw new rows, in chunks, so that memory does not grow with their number."""
        return generate(self._generator, rows, rng)

    def _cut(self, rows: Rows) -> list[Rows]:
        step = max(1, CHUNK_CELLS // self.columns)
        return [rows[start : start + step] for start in range(0, len(rows), step)]


def generate(generator: Any, rows: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Draw new rows in chunks from the session of a generator.onnx."""
    width = generator.get_inputs()[0].shape[1]
    step = max(1, CHUNK_CELLS // width)
    for start in range(0, rows, step):
        noise = standard_normal(rng, (min(step, rows - start), width))
        yield generator.run(["rows"], {"noise": noise})[0]


def standard_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Rows:
    """Standard normal noise, float32."""
    return rng.standard_normal(shape, dtype=np.float32)


def session(path: Path) -> Any:
    """Open an ONNX graph on one thread, so that its rounding does not depend on the machine's load.

    Raises:
        FileNotFoundError: there is no such file.
    """
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(
            f"expected a trained model's {path.name} in {path.parent}, got none"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
