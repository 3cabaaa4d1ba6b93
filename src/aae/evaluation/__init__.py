"""One trained model judged beside real rows, with the part that is at fault.

- `settings`: `Evaluate`, what is configured; `judging`: verdicts, moments, reconstruction.
- `reference`: the same of real rows and of simple baselines; `diagnosis`: a sentence.
- `pictures`: arrays that the report draws.
"""
