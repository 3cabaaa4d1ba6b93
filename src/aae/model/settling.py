"""What a model learns after training, from all training rows at once."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.autoencoder import AAE
from aae.model.likelihood import ClosedForm
from aae.model.losses import divergence_of_codes
from aae.model.objective import Data, category

# Nats: a code dimension that says less of a row is switched off. The information penalty leaves an
# unused dimension near 0, and one that tells just two halves of the rows apart has 0.69: with a
# larger limit such a dimension is lost, with 0 the decoder keeps what it made of noise.
IDLE = 0.25


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
    code = model.encode(data.statistics, noise)
    if code.log_variance is not None and model.settings.prior == "gaussian":
        nats = tf.reduce_mean(divergence_of_codes(code.mean, code.log_variance), axis=0)
        model.active.assign(tf.cast(nats >= IDLE, tf.float32))
    probabilities = category(model, data.categories, code)
    model.shares.assign(tf.reduce_mean(probabilities, axis=0))
    likeliest = tf.argmax(probabilities, axis=1)
    law = model.decode(code.sample(noise), tf.one_hot(likeliest, model.classes))
    residuals: NDArray[np.float32] = (data.rows - model.likelihood.columns(law.mean)).numpy()
    if isinstance(model.likelihood, ClosedForm):
        model.likelihood.settle(residuals, likeliest.numpy())
    return residuals
