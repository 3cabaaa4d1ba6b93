"""What a model learns after training, from all training rows at once."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.autoencoder import AAE
from aae.model.losses import divergence_of_codes
from aae.model.objective import Data, category

IDLE = 0.25  # nats: a code dimension that says less of a row is switched off


def settle(model: AAE, data: Data) -> NDArray[np.float32]:
    """Switch off idle code dimensions; take the categories' shares and the law of the residuals.

    A dimension is idle where the mean of KL(q(z_k | x) || N(0, 1)) over rows is below `IDLE`: what
    little the decoder makes of it is noise that rows of the real law do not have.

    Args:
        model: trained; its `active`, `shares` and likelihood are set.
        data: all training rows.

    Returns:
        Residuals x - m(z, c), standardised, shape (rows, columns).
    """
    noise = tf.random.stateless_normal([len(data.rows), model.latent], [0, 0])
    batch = data.with_noise(noise)
    code = model.encode(batch.statistics, noise)
    if code.log_variance is not None and model.recipe.prior == "gaussian":
        said = tf.reduce_mean(divergence_of_codes(code.mean, code.log_variance), axis=0)
        model.active.assign(tf.cast(said >= IDLE, tf.float32))
    likely = category(model, batch, code)
    model.shares.assign(tf.reduce_mean(likely, axis=0))
    chosen = tf.argmax(likely, axis=1)
    law = model.decode(code.sample(noise), tf.one_hot(chosen, model.classes))
    residuals: NDArray[np.float32] = (data.rows - model.likelihood.columns(law.mean)).numpy()
    model.likelihood.settle(residuals, chosen.numpy())
    return residuals
