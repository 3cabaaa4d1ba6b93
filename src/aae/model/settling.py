"""What a model learns after training, from all training rows at once."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.autoencoder import AAE, Code
from aae.model.likelihood import ClosedForm
from aae.model.losses import divergence_of_codes
from aae.model.objective import Data, category

CHUNK = 2**22  # cells that go through the networks together


def settle(model: AAE, data: Data) -> NDArray[np.float32]:
    """Switch off idle code dimensions; take the categories' shares and the law of the residuals.

    A dimension is idle in a category where the mean of KL(q(z_k | x) || N(0, 1)) over its rows is
    below the likelihood's `idle`: what little the decoder makes of it is noise that real rows do
    not have. Under `joint` it is idle in all or none, for categories of few rows share their codes.

    Args:
        model: trained; its `active`, `shares` and likelihood are set.
        data: all training rows.

    Returns:
        Residuals x - m(z, c), standardised, shape (rows, columns).
    """
    noise = tf.random.stateless_normal([len(data.rows), model.latent], [0, 0])
    step = max(1, CHUNK // model.columns)
    chunks = [slice(start, start + step) for start in range(0, len(data.rows), step)]
    parts = [model.encode(data.between(each).statistics, noise[each]) for each in chunks]
    code = Code(
        *(None if each[0] is None else tf.concat(each, 0) for each in zip(*parts, strict=True))
    )
    probabilities = category(model, data.categories, code)
    if code.log_variance is not None and model.settings.prior == "gaussian":
        of = probabilities if model.likelihood.idle_by_category else tf.ones_like(probabilities)
        nats = tf.transpose(of) @ divergence_of_codes(code.mean, code.log_variance)
        nats /= tf.maximum(tf.reduce_sum(of, axis=0), 1.0)[:, None]
        model.active.assign(tf.cast(nats >= model.likelihood.idle, tf.float32))
    model.shares.assign(tf.reduce_mean(probabilities, axis=0))
    likeliest = tf.argmax(probabilities, axis=1)
    codes = code.sample(noise)
    residuals = np.empty(data.rows.shape, dtype=np.float32)
    for each in chunks:
        law = model.decode(codes[each], tf.one_hot(likeliest[each], model.classes))
        residuals[each] = data.rows[each] - model.likelihood.columns(law.mean)
    if isinstance(model.likelihood, ClosedForm):
        heard = model.listened(codes, tf.one_hot(likeliest, model.classes))
        model.likelihood.settle(residuals, likeliest.numpy(), heard.numpy())
    return residuals
