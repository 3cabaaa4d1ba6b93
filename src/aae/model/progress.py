"""How far a training is: what it logged, and what a checkpoint keeps of it."""

from collections.abc import Callable

import keras

from aae.model.checkpoint import Checkpoint, State, Weights
from aae.model.trainer import Trainer

Log = Callable[[int, dict[str, float]], None]


class Progress:
    """Logs epochs, and goes on from a checkpoint where there is one.

    Args:
        log: called after every epoch with its number and all scalars, also for those that are not
            made again.
        checkpoint: of the training; None: there is none.

    Attributes:
        bounds: evidence of the trainings that are over, one for each number of categories;
        finished: their weights.
    """

    def __init__(self, log: Log, checkpoint: Checkpoint | None = None):
        """Log again what was logged before."""
        self._log, self.checkpoint = log, checkpoint
        self._state = checkpoint.load() if checkpoint else None
        self._logged: list[tuple[int, dict[str, float]]] = []
        self.bounds, self.finished = list[float](), list[Weights]()
        if self._state:
            self.bounds, self.finished = self._state.bounds, self._state.finished
            for epoch, scalars in self._state.logged:
                self.log(epoch, scalars)

    def log(self, epoch: int, scalars: dict[str, float]) -> None:
        """Take the scalars of one epoch."""
        self._logged.append((epoch, scalars))
        self._log(epoch, scalars)

    def resume(self, trainer: Trainer, callbacks: keras.callbacks.CallbackList) -> int:
        """Bring weights and policies to where they were; returns how many epochs are over."""
        state, self._state = self._state, None
        if state is None:
            return 0
        for epoch, scalars in state.logged[len(state.logged) - state.epochs :]:
            callbacks.on_epoch_end(epoch, {"val_loss": scalars["val_total"]})
        for each in stopping(callbacks):
            each.best_weights = state.best or None
        for variable, value in zip(trainer.variables, state.variables, strict=True):
            variable.assign(value)
        return state.epochs

    def save(self, epochs: int, trainer: Trainer, callbacks: keras.callbacks.CallbackList) -> None:
        """Write a checkpoint after so many epochs, if it is time for one."""
        if self.checkpoint is None or not self.checkpoint.due():
            return
        best = [weight for each in stopping(callbacks) for weight in each.best_weights or ()]
        variables = [each.numpy() for each in trainer.variables]
        done = self._logged, self.bounds, self.finished
        self.checkpoint.save(State(*done, epochs, variables, best))


def stopping(callbacks: keras.callbacks.CallbackList) -> list[keras.callbacks.EarlyStopping]:
    """The callbacks that remember weights."""
    kind = keras.callbacks.EarlyStopping
    return [each for each in callbacks.callbacks if isinstance(each, kind)]
