"""Test of means, spreads and correlations for tables of few columns: required effects are seen."""

import numpy as np

from aae.verdict.outcome import Outcome
from aae.verdict.pairs import joined, sizes, standardised
from aae.verdict.pooling import Pool
from aae.verdict.ranks import normal_scores

FEW_COLUMNS = 4  # most columns of a table whose moments are worth a test of their own


def few_columns(pool: Pool) -> Outcome:
    """Compare means, spreads and correlations of the columns' normal scores (van der Waerden 1952).

    With u_j the normal quantiles of the pooled ranks: means of u_j, of u_j^2 and of u_j u_k over
    all rows, which are a normal law's own statistics. Of their standardised differences z the
    largest |z| and the mean of z^2, by permutation of groups of whole rows: of d (d + 3) / 2
    numbers, 14 for four columns, so that little is paid for looking at several.
    """
    u = normal_scores(pool.all_rows)
    left, right = np.triu_indices(len(u))
    scores = np.concatenate([u, u[left] * u[right]])
    means = scores.reshape(len(scores), -1, len(pool.group_labels)).mean(axis=1)
    return joined(*sizes(standardised(means.T.astype(np.float32), pool.group_labels)))
