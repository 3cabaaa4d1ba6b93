"""A larger table of images, made from the 8 x 8 digits of scikit-learn: 28 x 28 pixels in [0, 1].

20,000 rows, but no more than the 1797 handwritten digits that they are made from: each is magnified
three times (bilinear) and placed in a black frame, shifted by up to two pixels. The column
`image` says which digit a row was made from, so that no digit need be on both sides of a split.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aae.base.files import replacing
from aae.dataset.splits import Labels, Rows
from aae.tables.reading import read_table

SOURCE, TARGET = Path("data/raw/digits.csv"), Path("data/raw/images.parquet")
ROWS = 20_000
SIDE, SCALE, FRAME = 8, 3, 28
SHIFTS = FRAME - SIDE * SCALE + 1  # places along each side
BRIGHTEST = 16  # of the digits' pixels


def magnified(digits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Images of shape (n, 24, 24) in [0, 1] from rows of 64 pixels in 0..16."""
    from scipy.ndimage import zoom

    small = digits.reshape(-1, SIDE, SIDE) / BRIGHTEST
    large = zoom(small, (1, SCALE, SCALE), order=1, mode="nearest", grid_mode=True)
    return np.asarray(np.clip(large, 0, 1), dtype=np.float32)


def shifted(images: NDArray[np.float32], rows: int, seed: int) -> tuple[Rows, Labels]:
    """Place images in frames at random, no image twice at one place.

    Args:
        images: shape (n, 24, 24).
        rows: how many to make.
        seed: of the choice.

    Returns:
        Pixels, shape (rows, 784), and the number of the image that each row shows.

    Raises:
        ValueError: more rows than images at different places.
    """
    places = len(images) * SHIFTS**2
    if rows > places:
        raise ValueError(f"expected at most {places} rows, got {rows}")
    chosen = np.random.default_rng(seed).choice(places, rows, replace=False)
    number, down, right = np.unravel_index(chosen, (len(images), SHIFTS, SHIFTS))
    frames = np.zeros((rows, FRAME, FRAME), dtype=np.float32)
    side = np.arange(SIDE * SCALE)
    frames[
        np.arange(rows)[:, None, None],
        (down[:, None] + side)[:, :, None],
        (right[:, None] + side)[:, None, :],
    ] = images[number]
    return frames.reshape(rows, -1), number


def write_images() -> None:
    """Write data/raw/images.parquet: pixels, digit, image."""
    import pyarrow as pa
    from pyarrow import parquet

    digits = read_table(SOURCE, "digit")
    assert digits.labels is not None
    pixels, number = shifted(magnified(digits.rows), ROWS, seed=0)
    columns = {f"pixel{place}": pixels[:, place] for place in range(pixels.shape[1])}
    labels = np.array(digits.classes)[digits.labels[number]]
    table = pa.table(columns | {"digit": labels, "image": number})
    with replacing(TARGET) as temporary:
        parquet.write_table(table, temporary)
    print(f"wrote {ROWS} images of {len(digits.rows)} digits to {TARGET}", file=sys.stderr)
