"""An epoch of pythae's adversarial autoencoder on PyTorch, at the article's sizes.

`python -m aae.benchmark.pythae_loop ROWS COLUMNS BATCH EPOCHS` prints seconds as JSON. It runs
in an environment that has pythae and PyTorch and nothing else of ours: `make peers`.
"""

import json
import logging
import statistics
import sys
import time
from tempfile import TemporaryDirectory
from typing import Any


def main() -> None:
    """Print the median processor seconds of an epoch, after a first one."""
    rows, columns, batch, number = map(int, sys.argv[1:])
    times = epochs(rows // batch * batch, columns, batch, number + 1)
    print(json.dumps({"epoch": statistics.median(times[1:])}))


def epochs(rows: int, columns: int, batch: int, number: int) -> list[float]:
    """Processor seconds of each epoch of its own trainer, on one thread."""
    import numpy as np
    import torch
    from pythae.data.datasets import BaseDataset
    from pythae.trainers import AdversarialTrainer, AdversarialTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class Watch(TrainingCallback):
        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            moments.append(time.process_time())

        def on_epoch_end(self, *_: Any, **__: Any) -> None:
            moments.append(time.process_time())

    moments: list[float] = []
    torch.set_num_threads(1)
    logging.disable()
    drawn = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
    data = BaseDataset(torch.from_numpy(drawn), torch.zeros(rows))
    with TemporaryDirectory() as folder:
        settings = AdversarialTrainerConfig(
            output_dir=folder,
            num_epochs=number,
            per_device_train_batch_size=batch,
            autoencoder_learning_rate=1e-3,
            discriminator_learning_rate=1e-3,
            no_cuda=True,
        )
        model = article_model(columns)
        AdversarialTrainer(model, data, training_config=settings, callbacks=[Watch()]).train()
    return [end - begin for begin, end in zip(moments[::2], moments[1::2], strict=True)]


def article_model(columns: int, latent: int = 2) -> Any:
    """The article's networks as pythae's model: deterministic codes, half the squared error."""
    from pythae.models import Adversarial_AE, Adversarial_AE_Config
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseDiscriminator, BaseEncoder
    from torch import nn, sigmoid

    def network(*widths: int) -> Any:
        parts = [
            each
            for one, other in zip(widths, widths[1:], strict=False)
            for each in (nn.Linear(one, other), nn.ReLU())
        ]
        return nn.Sequential(*parts[:-1])

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            BaseEncoder.__init__(self)
            self.layers = network(columns, 64, 32, latent)

        def forward(self, x: Any) -> Any:
            codes = self.layers(x)
            return ModelOutput(embedding=codes, log_covariance=codes * 0)

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            BaseDecoder.__init__(self)
            self.layers = network(latent, 32, 64, columns)

        def forward(self, z: Any) -> Any:
            return ModelOutput(reconstruction=self.layers(z))

    class Discriminator(BaseDiscriminator):
        def __init__(self) -> None:
            BaseDiscriminator.__init__(self)
            self.layers = network(latent, 64, 32, 1)

        def forward(self, z: Any) -> Any:
            return ModelOutput(embedding=sigmoid(self.layers(z)))

    settings = Adversarial_AE_Config(
        input_dim=(columns,),
        latent_dim=latent,
        deterministic_posterior=True,
        reconstruction_loss="mse",
        adversarial_loss_scale=0.5,
        reconstruction_loss_scale=0.5,
    )
    return Adversarial_AE(settings, Encoder(), Decoder(), Discriminator())


if __name__ == "__main__":
    main()
