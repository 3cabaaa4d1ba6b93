"""What a model learns after training, from all training rows at once."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.autoencoder import AAE
from aae.model.likelihood import ClosedForm
from aae.model.losses import divergence_of_codes
from aae.model.objective import Data, category


def settle(model: AAE, data: Data) -> NDArray[np.float32]:
    """Switch off idle code dimensions; take the categories' shares and the law of the residuals.

    A dimension is idle where the mean of KL(q(z_k | x) || N(0, 1)) over rows is below the
    likelihood's `idle`: what little the decoder makes of it is noise that real rows do not have.

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
        model.active.assign(tf.cast(nats >= model.likelihood.idle, tf.float32))
    probabilities = category(model, data.categories, code)
    model.shares.assign(tf.reduce_mean(probabilities, axis=0))
    likeliest = tf.argmax(probabilities, axis=1)
    codes = code.sample(noise)
    law = model.decode(codes, tf.one_hot(likeliest, model.classes))
    residuals: NDArray[np.float32] = (data.rows - model.likelihood.columns(law.mean)).numpy()
    if isinstance(model.likelihood, ClosedForm):
        model.likelihood.settle(residuals, likeliest.numpy(), (codes * model.active).numpy())
    return residuals
