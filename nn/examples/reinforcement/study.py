"""What the three ways of learning share: an environment, a run that can be gone on with, and the table over seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nn
from nn.examples.console import Console, Options, Report, counted
from nn.examples.fitting import judged
from nn.examples.reinforcement.environments import make, usual
from nn.examples.reinforcement.scorebook import Scorebook, threshold
from nn.examples.resuming import Keeper
from tbwriter import SummaryWriter

__all__ = ["Study", "drawn", "studied"]


def drawn(probabilities: NDArray[Any]) -> NDArray[Any]:
    """An action for each row of probabilities, by the global generator.

    Shape:
        (N, actions) -> (N,)
    """
    u = nn.default_generator.numpy.random((len(probabilities), 1))
    return np.minimum((probabilities.cumsum(1) < u).sum(1), probabilities.shape[1] - 1)  # rounding may end below 1


class Study:
    """One training: the environment, its log, and what is saved.

    Args:
        options: those of the example.
        name: of the algorithm.
        env: the name of the environment.
        episodes: how many at most.
        lr: the learning rate.

    Attributes:
        states: the length of an observation.
        actions: how many there are.
        book: what is logged.
        scale: the return that the environment asks for; 1 if it asks for none.
    """

    def __init__(self, options: Options, name: str, env: str, episodes: int, lr: float) -> None:
        self.options, self.name, self.episodes, self.lr, self.seed = options, name, episodes, lr, options.seed
        self.env_name, self.env = env, make(env)
        [self.states], self.actions = self.env.observation_space.shape, int(self.env.action_space.n)
        nn.manual_seed(options.seed)
        asked = threshold(self.env)
        self.scale = abs(asked) if asked else 1.0

    def begin(self, model: nn.Module, **parts: Any) -> int:
        """Open the log, and put the parts back where a run goes on; returns the steps that lie behind."""
        self.book = Scorebook(self.env, Console(self.options.quiet), self.name)
        self.keeper = Keeper(self.options.log_dir / "last.ckpt", book=self.book, **parts)
        done = self.keeper.load() if self.options.resume else {}
        purge = done.get("step", -1) + 1 if self.options.resume else None  # of what was logged after it was saved
        self.book.writer = SummaryWriter(self.options.log_dir, purge_step=purge)
        if not done:
            self.book.writer.add_graph(model, nn.zeros(1, self.states))
        self._saved = self.book.episodes
        return int(done.get("step", 0))

    @property
    def goes_on(self) -> bool:
        """Whether the task is unsolved, and there are episodes left."""
        return not self.book.solved and self.book.episodes < self.episodes

    def save(self, step: int, every: int) -> None:
        """Save after every so many episodes."""
        if self.book.episodes >= self._saved + every:
            self._saved = self.book.episodes
            self.book.writer.flush()
            self.keeper.save(step=step)

    def end(self, step: int, values: Callable[[Any], nn.Tensor], scores: Callable[[Any], nn.Tensor]) -> None:
        """Show what was learned, and close the log.

        Args:
            step: how many lie behind.
            values: of states (N, states), what each is worth.
            scores: of states, how good each action is (N, actions).
        """
        with nn.no_grad():
            self.book.show(
                make(self.env_name),
                lambda states: values(states).numpy(),
                lambda state: int(scores(state[None])[0].argmax().item()),
                step,
            )
        self.book.writer.flush()
        self.keeper.save(step=step)
        self.book.writer.close()
        self.steps = step


def studied(title: str, name: str, fit: Callable[[Study], None], options: Options, episodes: int, lr: float) -> Report:
    """Learn once for each seed; a row tells after how many episodes and seconds the task was solved."""
    env = options.env or usual()
    if env == "gridworld" and usual() == env:
        Console(options.quiet).say(f"{name}: this is the gridworld; for CartPole-v1, pip install 'fromzero[rl]'")
    episodes = options.epochs or (3 if options.quick else episodes)

    def once(options: Options) -> dict[str, Any]:
        study = Study(options, name, env, episodes, options.lr or lr)
        fit(study)
        return {
            "solved": int(study.book.solved),
            "episodes": study.book.episodes,
            "steps": study.steps,
            "mean return of 100": study.book.mean,
            "processor (s)": round(study.book.seconds, 1),
        }

    return judged(options, f"{title} on {env}, at most {counted(episodes, 'episode')}", once)
