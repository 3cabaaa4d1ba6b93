"""What studies of the model select, measure and say.

- `pairs`: verdicts over seeds; `modes`, `robustness`, `images`: what else is measured of a model.
- `tables`: their tables; `parzen`: a log-likelihood; `digit_images`: a table of images.
"""
