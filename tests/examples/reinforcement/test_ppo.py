"""The generalised advantage is its sum, written out."""

import numpy as np

from nn.examples.reinforcement.ppo import GAMMA, LAMBDA, advantages


def test_advantages_are_discounted_sums_that_end_with_the_episode(rng):
    rewards, values, after = rng.normal(size=(3, 7, 2))
    ended = np.zeros((7, 2), bool)
    ended[2, 0] = ended[4, 1] = True
    found = advantages(rewards, values, after, ended)
    for n in range(2):
        for t in range(7):
            total = 0.0
            for k in range(t, 7):
                total += (GAMMA * LAMBDA) ** (k - t) * (rewards[k, n] + GAMMA * after[k, n] - values[k, n])
                if ended[k, n]:
                    break
            np.testing.assert_allclose(found[t, n], total, rtol=1e-9)
