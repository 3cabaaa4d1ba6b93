"""One trained model judged beside real rows, and which part of it is at fault.

- `settings`: `Evaluate`, what is configured; `samples`: real rows, and what a model makes of them.
- `verdicts`: on generated rows and on the model's parts; `diagnosis`: a sentence that follows;
  `faults`: what went wrong in training, if anything.
- `moments`, `reconstruction`, `codes`, `coverage`: what is measured besides.
- `floor`: what a model of the right class would show, for having learned from as few rows.
- `reference`: the same of real rows and of simple baselines.
- `pictures` and `contrasts`: arrays for the report, and which columns and pairs differ.
"""
