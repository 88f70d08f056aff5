# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 13 · An agent: reward, policy, value
#
# Until now somebody always knew the right answer. An agent gets none. It acts, sees what happens, and now and then
# receives a reward, perhaps long after the deed that earned it.
#
# **Afterwards you can** compute what a state is worth when the rules are known, derive the policy gradient and say why
# a baseline helps, and train an agent that is told nothing but its reward.
#
# **You need** chapters 1 (derivatives) and 6 (softmax, cross-entropy). **Time**: 35 minutes.

# %%
import numpy as np

import nn
from nn import functional as F
from nn.examples import pictures
from nn.examples.grid_maps import draw_map
from nn.examples.reinforcement.gridworld import MOVES, GridWorld
from nn.exercises import check

# %% [markdown]
# ## 13.1 A world
#
# The agent stands on a cell, its **state**, and chooses one of four **actions**: up, right, down, left. One time in ten
# it slips to a side. Each step costs 0.02, the goal G brings +1, a pit X costs 1, and both end the **episode**. So do
# 60 steps. Here is what it looks like if one walks at random:

# %%
world = GridWorld()
rng = np.random.default_rng(1)
observation, _ = world.reset(seed=0)
path, rewards, over = [int(observation.argmax())], [], False
while not over:
    observation, reward, ended, out_of_time, _ = world.step(int(rng.integers(4)))
    path.append(int(observation.argmax()))
    rewards.append(reward)
    over = ended or out_of_time
draw_map(world, path=path, title="a random walk")
print(f"{len(rewards)} steps, rewards sum to {sum(rewards):.2f}")

# %% [markdown]
# `reset` and `step` are the interface of Gymnasium, which most environments share; this world needs nothing installed.
# An observation is a vector with a 1 at the cell where one is, so its `argmax` is the number of the cell.
#
# That cell is all that matters for the future: how one has come there makes no difference to what happens next. A world
# of this kind is a *Markov decision process*, and all that follows rests on it. Where an observation shows less than
# that (one picture of a flying ball does not tell its speed), one hands the agent several observations at once, or a
# memory.
#
# The rule by which an agent chooses is its **policy** $\pi(a \mid s)$: the probability of each action in each state.
# That is what we want to improve. But by what measure?
#
# ## 13.2 The return
#
# A reward is for a step, a **return** for all that follows. Later rewards count less, by a factor $\gamma$ for each
# step:

# %%
lines = {f"{gamma}": gamma ** np.arange(60) for gamma in (0.8, 0.95, 0.98)}
axis = pictures.panels(size=(4.6, 2.5))
pictures.curves(None, lines, xlabel="steps from now", ylabel="weight of a reward", axis=axis)

# %% [markdown]
# $$G_t = r_t + \gamma\, r_{t+1} + \gamma^2 r_{t+2} + \dots = r_t + \gamma\, G_{t+1} .$$
#
# The second form is all that one needs. It says how to compute every return of an episode in one pass, from the end to
# the beginning. With $\gamma = 0.98$ a reward in 50 steps counts a third; the agent is patient, but would rather arrive
# today. A discount also keeps sums finite where an episode has no end.


# %%
def returns_of(rewards, gamma, after=0.0):
    found = np.empty(len(rewards))
    for t in reversed(range(len(rewards))):
        found[t] = after = rewards[t] + gamma * after
    return found


gamma = 0.98
G = returns_of(rewards, gamma)
assert np.isclose(G[0], sum(gamma**k * reward for k, reward in enumerate(rewards)))
assert np.isclose(G[3], rewards[3] + gamma * G[4])
print(f"the return from the start {G[0]:.2f}, before the last step {G[-1]:.2f}")

# %% [markdown]
# ## 13.3 What a state is worth
#
# The **value** $V^\pi(s)$ is the mean return of an agent that starts in $s$ and follows $\pi$. For the aimless agent
# above it looks like this:

# %%
cells, width = world.cells.ravel(), world.cells.shape[1]
STEP, ENDS = -0.02, {"G": 1.0, "X": -1.0}


def rules(slip):
    """P (4, 30, 30): where an action leads, by what chance. R (4, 30): the mean reward of it."""
    P, R = np.zeros((4, 30, 30)), np.zeros((4, 30))
    for s in np.flatnonzero((cells == "S") | (cells == ".")):
        for a in range(4):
            for move, share in ((a, 1 - slip), ((a + 1) % 4, slip / 2), ((a + 3) % 4, slip / 2)):
                row, column = s // width + MOVES[move][0], s % width + MOVES[move][1]
                to = row * width + column
                if not (0 <= row < 5 and 0 <= column < width) or cells[to] == "#":
                    to = s  # a wall: one stays
                P[a, s, to] += share
                R[a, s] += share * ENDS.get(cells[to], STEP)
    return P, R


P, R = rules(world.slip)
assert np.allclose(P.sum(axis=2)[:, cells == "."], 1)

# %%
aimless = np.full((30, 4), 0.25)
P_pi, R_pi = np.einsum("sa,ast->st", aimless, P), np.einsum("sa,as->s", aimless, R)
V_aimless = np.linalg.solve(np.eye(30) - gamma * P_pi, R_pi)
draw_map(world, V_aimless, title="worth to an aimless agent")

# %% [markdown]
# Almost everything is bad, since an aimless agent falls into a pit sooner or later. These numbers were not simulated. A
# value obeys an equation, because a return is a reward plus a discounted return:
#
# $$V^\pi(s) = \sum_a \pi(a \mid s) \Big[ R(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, V^\pi(s') \Big] .$$
#
# This is the **Bellman equation**. For 30 states it is a system of 30 linear equations, $V = R_\pi + \gamma P_\pi V$,
# and `np.linalg.solve` solves it. An ended episode is worth 0: rows of the goal and of the pits are empty.
#
# Do many walks agree? They are cut off after 60 steps, and the equation knows no such limit. But the worth *with $k$
# steps left* follows from that with $k - 1$ steps left, by the same right side; with 0 steps left it is 0.

# %%
found = []
for _ in range(400):
    world.reset()
    rewards, over = [], False
    while not over:
        _, reward, ended, out_of_time, _ = world.step(int(rng.integers(4)))
        rewards.append(reward)
        over = ended or out_of_time
    found.append(returns_of(rewards, gamma)[0])
error = np.std(found) / np.sqrt(len(found))
with_60_steps = np.zeros(30)
for _ in range(60):
    with_60_steps = R_pi + gamma * P_pi @ with_60_steps
print(f"the start is worth {with_60_steps[0]:.2f} with 60 steps left, {V_aimless[0]:.2f} without an end")
assert abs(np.mean(found) - with_60_steps[0]) < 4 * error

# %% [markdown]
# ## 13.4 Value iteration
#
# The *best* value obeys nearly the same equation. The best agent does not average over actions, it takes the best one:
#
# $$V^*(s) = \max_a \Big[ R(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, V^*(s') \Big] .$$
#
# The maximum makes it non-linear, so it is not solved at once. But start with $V = 0$, put it into the right side, take
# the left side for the new $V$, and repeat. News of the goal spreads by one cell a sweep:

# %%
V, sweeps, changes = np.zeros(30), {}, []
for sweep in range(1, 61):
    Q = R + gamma * P @ V  # (actions, states): the worth of doing a in s, and then the best
    changes.append(np.abs(Q.max(axis=0) - V).max())
    V = Q.max(axis=0)
    sweeps[sweep] = V
for axis, sweep in zip(pictures.panels(3, size=(3.1, 2.6)), (1, 4, 60), strict=True):
    draw_map(world, sweeps[sweep], title=f"after {sweep} sweep{'s' * (sweep > 1)}", axis=axis)
V_best, best = V, np.eye(4)[Q.argmax(axis=0)]

# %% [markdown]
# Why does it settle? Take two value functions that differ by at most $\delta$ anywhere. After a sweep they differ by at
# most $\gamma\delta$, since a mean and a maximum do not enlarge differences, and $\gamma$ shrinks them. So each sweep
# brings every start nearer to the one fixed point, by the factor $\gamma$ at least; here, where paths are short, much
# faster:

# %%
lines = {"largest change": np.maximum(changes, 1e-12), "the bound": changes[0] * gamma ** np.arange(60)}
pictures.curves(np.arange(1, 61), lines, log="y", xlabel="sweep", axis=pictures.panels(size=(4.6, 2.5)))
assert np.all(np.array(changes[1:]) <= gamma * np.array(changes[:-1]) + 1e-12)
assert np.allclose(V_best, (R + gamma * P @ V_best).max(axis=0))

# %% [markdown]
# ## 13.5 From values to a policy
#
# Whoever knows the worth $Q(s, a)$ of each action has a policy at once: take the best. Here is the best policy in three
# worlds: one without slipping, ours, and an icy one.

# %%
for axis, slip in zip(pictures.panels(3, size=(3.1, 2.6)), (0.0, 0.1, 0.3), strict=True):
    P_, R_ = rules(slip)
    worth = np.zeros(30)
    for _ in range(200):
        worth = (R_ + gamma * P_ @ worth).max(axis=0)
    chosen = (R_ + gamma * P_ @ worth).argmax(axis=0)
    draw_map(world, policy=np.eye(4)[chosen], title=f"slips {slip:.0%} of the time", axis=axis)
    assert (chosen[12] == 2) == (slip == 0)  # cell 12, the third of the first column: down, or back up
print(f"the start is worth {V_best[0]:.2f} to the best agent, {V_aimless[0]:.2f} to the aimless one")
assert np.all(V_best >= V_aimless - 1e-12)

# %% [markdown]
# Look at the first column. Two ways lead to the goal from there: a short one past the pits, and one that goes back up
# to the start and around. Where nobody slips the short one is taken. One slip in ten, and it is worth the detour. On
# ice even the agent in the middle of the fourth row turns back. Nobody has programmed caution; it follows from the
# numbers.
#
# ## 13.6 When the rules are unknown
#
# Value iteration needs the table $P$ of all consequences. Nobody has such a table of a street, or of a conversation.
# From here on the agent may only act and see what happens.
#
# The plan: give the policy parameters, $\pi_\theta$, as a softmax over logits $\theta$, and move these uphill on the
# mean return $J(\theta)$. A machine with three levers shows the idea. They pay 1, 2 and 4; the agent begins with equal
# probabilities:


# %%
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


pays, theta, track = np.array([1.0, 2.0, 4.0]), np.zeros(3), []
for _ in range(40):
    p = softmax(theta)
    track.append(p)
    theta = theta + 0.3 * p * (pays - p @ pays)  # the gradient of J = p @ pays, by the softmax's derivative
pictures.curves(None, {f"pays {pay:g}": column for pay, column in zip(pays, np.array(track).T, strict=True)},
                xlabel="step", ylabel="probability", axis=pictures.panels(size=(4.4, 2.5)))  # fmt: skip
assert track[-1][2] > 0.9

# %% [markdown]
# A lever's logit rises if it pays more than the average, $\partial J / \partial \theta_a = p_a (r_a - J)$. But this
# used what *all* levers pay, and the agent sees only the one that it pulls. The way out is a small
# identity, $\nabla p = p\, \nabla \ln p$:
#
# $$\nabla J = \nabla \sum_a p_a r_a = \sum_a p_a\, r_a\, \nabla \ln p_a
# = \mathbb{E}\big[\, r_a\, \nabla \ln p_a \,\big] .$$
#
# A sum over all actions has become a **mean over the actions that are taken**, and a mean can be estimated by acting.
#
# For a whole episode $\tau = (s_0, a_0, s_1, a_1, \dots)$ it works in the same way. Its probability is a product of
# policy and world, $p(\tau) = \prod_t \pi_\theta(a_t \mid s_t)\, P(s_{t+1} \mid s_t, a_t)$. The logarithm makes a sum
# of it, and the world's part does not depend on $\theta$, so it drops out of the gradient: **no rules are needed.** An
# action has no influence on what was earned before it, so each is credited with the return from then on:
#
# $$\nabla J = \mathbb{E}\Big[ \sum_t G_t\, \nabla \ln \pi_\theta(a_t \mid s_t) \Big] .$$
#
# (To be exact, the term of step $t$ has a factor $\gamma^t$, which most programs leave out.) Raise the probability of
# what was done, in proportion to what came of it. This is REINFORCE (Williams, 1992).

# %%
p = softmax(np.array([0.5, 0.0, -0.5]))
exact = p * (pays - p @ pays)
pulled = rng.choice(3, size=20_000, p=p)
samples = pays[pulled][:, None] * (np.eye(3)[pulled] - p)  # r times the gradient of ln p by the logits
print("exact gradient ", exact.round(2))
print("mean of samples", samples.mean(axis=0).round(2))
assert np.allclose(samples.mean(axis=0), exact, atol=0.05)

# %% [markdown]
# $\nabla \ln p_a$ by the logits is $\text{onehot}(a) - p$. You know it: it is the gradient of cross-entropy with its
# sign turned (chapter 6). A policy gradient is a classification in which the agent's own deeds are the labels, each
# weighted by its success.
#
# ## 13.7 A baseline
#
# Let each lever pay 10 more. Nothing has changed for the agent, and yet the estimate becomes almost useless:

# %%
one_sample = {}
cases = (("pays 1, 2, 4", 0, 0), ("pays 11, 12, 14", 10, 0), ("11, 12, 14, less the mean", 10, 1))
for name, offset, baseline in cases:
    credit = pays[pulled] + offset - baseline * (p @ pays + offset)
    one_sample[name] = credit * (np.eye(3)[pulled] - p)[:, 2]
for axis, (name, values) in zip(pictures.panels(3, size=(3.0, 2.2), sharey=True), one_sample.items(), strict=True):
    axis.hist(values, bins=np.linspace(-8, 14, 45), color="tab:blue", density=True)
    axis.axvline(exact[2], color="tab:red")
    axis.set(title=name, xlabel="gradient of the third logit")
spread = [values.var() for values in one_sample.values()]
print(f"variance {spread[0]:.1f}, {spread[1]:.1f}, {spread[2]:.1f}")
assert all(np.isclose(values.mean(), exact[2], atol=0.15) for values in one_sample.values())
assert spread[2] < spread[0] < spread[1] / 10

# %% [markdown]
# The red line is the truth, the bars are what single samples say. All three are right *on average*. If everything pays
# well, every action is praised, and only the differences of large numbers tell which is better. Subtract what was to be
# expected:
#
# $$\mathbb{E}\big[\, b\, \nabla \ln p_a \,\big] = b \sum_a p_a \nabla \ln p_a
# = b\, \nabla \sum_a p_a = b\, \nabla 1 = 0 .$$
#
# So any **baseline** $b$ that does not depend on the action leaves the mean as it is, and a good one shrinks the
# variance. The natural choice is the value of the state: $A_t = G_t - V(s_t)$, the **advantage**, says how much better
# it went than usual.
#
# ## 13.8 REINFORCE, written out
#
# Now we write the whole, with a table of logits and a table of values, both 0 at the start. Play four episodes, compute
# returns, learn. The values learn beside the policy, each time a tenth of the way towards the returns that were seen.
# First comes the playing:


# %%
def play(policy, rng):
    """One episode: states, actions and rewards; the last state; and whether it ended, or only its time."""
    s, seen, over = int(world.reset()[0].argmax()), [], False
    while not over:
        a = min(int((policy[s].cumsum() < rng.random()).sum()), 3)
        observation, reward, ended, out_of_time, _ = world.step(a)
        seen.append((s, a, reward))
        s, over = int(observation.argmax()), ended or out_of_time
    states, actions, rewards = (np.array(column) for column in zip(*seen, strict=True))
    return states, actions, rewards, s, ended


# %% [markdown]
# Then comes the loop. Read the line of `loss` beside the formula: a mean of $A_t \ln \pi$ with its sign turned, since
# optimisers go downhill. It is a loss in name only. Its value means nothing, and only its gradient at this very moment
# is right, because the episodes were played by the policy as it is now. After the step they are thrown away; this is
# called *on-policy*.

# %%
rng = np.random.default_rng(0)
world.reset(seed=0)
logits, values = nn.zeros(30, 4, requires_grad=True), np.zeros(30)
optimizer = nn.optim.Adam([logits], lr=0.1)
totals, entropies = [], []
for _ in range(150):
    policy, batch = softmax(logits.detach().numpy()), []
    for _ in range(4):
        states, actions, rewards, last, ended = play(policy, rng)
        G = returns_of(rewards, gamma, after=0.0 if ended else values[last])
        advantage = G - values[states]
        np.add.at(values, states, 0.1 * advantage)
        batch.append((states, actions, advantage))
        totals.append(rewards.sum())
    states, actions, advantage = (np.concatenate(column) for column in zip(*batch, strict=True))
    log_pi = F.log_softmax(logits[nn.from_numpy(states)], dim=1)
    loss = -(nn.from_numpy(advantage.astype(np.float32)) * log_pi[np.arange(len(actions)), actions]).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    entropies.append(-(log_pi.exp() * log_pi).sum(1).mean().item())

# %%
smooth = np.convolve(totals, np.ones(25) / 25, mode="valid")
left, right = pictures.panels(2, size=(4.2, 2.6))
pictures.curves(np.arange(25, 601), {"mean of 25": smooth, "the best agent": np.full(576, 0.8)}, style=["-", "--"],
                xlabel="episode", title="sum of the rewards", axis=left)  # fmt: skip
pictures.curves(np.arange(4, 601, 4), {"": entropies}, xlabel="episode", title="entropy, nats", axis=right)
assert np.mean(totals[-100:]) > 0.7
assert entropies[0] > 1.3 > 0.5 > entropies[-1]
print(f"first 25 episodes {np.mean(totals[:25]):.1f}, last 100 episodes {np.mean(totals[-100:]):.1f}")

# %% [markdown]
# In a few hundred episodes the agent walks nearly as well as the best policy, without ever having seen a rule. Two
# things in the curves are typical. The return is noisy to the end, since even a good agent slips. And the **entropy**
# $-\sum_a \pi \ln \pi$ falls from $\ln 4$ as the agent makes up its mind. If it falls to 0 too early, the agent has
# stopped trying things, and what it has not tried by then it will never find out. Log it always.
#
# ## 13.9 What it has learned, and what not

# %%
policy = softmax(logits.detach().numpy())
left, right = pictures.panels(2, size=(3.6, 3.0))
draw_map(world, values, policy, title="learned: values and policy", axis=left)
draw_map(world, V_best, best, title="computed: the best", axis=right)
P_learned = np.einsum("sa,ast->st", policy, P)
V_learned = np.linalg.solve(np.eye(30) - gamma * P_learned, np.einsum("sa,as->s", policy, R))
print(f"the start is worth {V_learned[0]:.2f} under the learned policy, {V_best[0]:.2f} under the best")
assert V_learned[0] > 0.9 * V_best[0]

# %% [markdown]
# On the way from the start to the goal the arrows agree with the best policy. Off the way they hardly mean anything:
# the agent learns only from where it goes. Put it into the first column, and it walks against a wall; put it beside the
# upper pit, and the longest arrow points into it. A good score in training says nothing about situations that training
# never visited.
#
# The judgement above uses the true rules, $V = (I - \gamma P_\pi)^{-1} R_\pi$. In a world without known rules one plays
# test episodes instead, with other random numbers than in training.
#
# ## 13.10 Q-learning, and the way to DQN
#
# The other family of methods learns the worth $Q(s, a)$ of actions directly. It takes value iteration and replaces the
# mean over all consequences by the one that happened:
#
# $$Q(s, a) \leftarrow Q(s, a) + \alpha \big[\, r + \gamma \max_{a'} Q(s', a') - Q(s, a) \,\big] .$$
#
# The bracket is the **temporal-difference error**: what has come out, less what was expected. No need to wait for the
# end of an episode. And the agent may learn from any step, even one that it made by chance, which it does on purpose: a
# share of its actions is random, less and less.
#
# This is the oldest question of the field: to do what has paid so far, or to try what might pay more? An agent that
# never explores repeats the first thing that was not a disaster. One that always explores never gains from what it
# knows. The share below begins at 1 and falls to one in twenty; REINFORCE needs no such rule, because its policy is
# random by itself until it has become sure.

# %%
rng = np.random.default_rng(0)
world.reset(seed=0)
Q, q_totals = np.zeros((30, 4)), []
for episode in range(600):
    s, over, total = int(world.reset()[0].argmax()), False, 0.0
    while not over:
        a = int(rng.integers(4)) if rng.random() < max(0.05, 1 - episode / 200) else int(Q[s].argmax())
        observation, reward, ended, out_of_time, _ = world.step(a)
        to = int(observation.argmax())
        Q[s, a] += 0.3 * (reward + (0.0 if ended else gamma * Q[to].max()) - Q[s, a])
        s, over, total = to, ended or out_of_time, total + reward
    q_totals.append(total)

both = {"REINFORCE": smooth, "Q-learning": np.convolve(q_totals, np.ones(25) / 25, mode="valid")}
pictures.curves(np.arange(25, 601), both, xlabel="episode", ylabel="sum of the rewards, mean of 25")
assert np.mean(q_totals[-100:]) > 0.7

# %% [markdown]
# Note the case at the end: if the episode is over, nothing comes after, and the target is $r$ alone. If only the *time*
# is up, the state would have been worth something, so its value is still added. To mix these two up is the most
# frequent mistake in programs of this kind, and it is silent.
#
# A table has a row for each state; a game's screen has more states than there are atoms. **DQN** (Mnih et al., 2015)
# puts a network in the table's place and needs two tricks, because a network that chases its own guesses runs away. A
# *memory* of past steps, from which batches are drawn at random, so that neighbouring steps do not pull in the same
# direction. And a slowly following *copy* of the network for the target.
#
# **Actor-critic** methods are the meeting of both families: the policy (actor) is REINFORCE's, and its advantage comes
# from a learned value (critic), as in 13.8, but from a few steps instead of the whole episode. PPO, the most used of
# them, adds a limit on how far one update may change a probability.
#
# ## 13.11 What to log
#
# ![Returns, entropy, what each cell is worth, in TensorBoard](images/rewards.png)
#
# The loss says little here: it may rise while the agent improves, because the data change with the policy. Log the
# return of each episode and its mean, the length, the entropy, the share of each action, the predicted value beside the
# return that came, and now and then a film of an episode. `fromzero train reinforce`, `dqn` and `ppo` do, on CartPole
# with Gymnasium installed, and on this world without (`--env gridworld`).
#
# And always run several seeds. Two runs of the same program may differ more than two algorithms do: one finds the goal
# by luck in its tenth episode, the other in its two hundredth, and all that follows depends on it.
#
# A last look at chapter 11. A language model is a policy: the state is the text so far, the action the next token. If
# people compare its answers, and a model of their judgement pays a reward for each, then the gradient of 13.6 trains
# it. That is reinforcement learning from human feedback, and its usual algorithm is PPO.
#
# ## Exercises
#
# - [`softmax`](../nn/exercises/catalogue/softmax.py): `fromzero exercise start softmax`. The policy of this chapter,
#   and its derivative; a right solution is checked below.
# - [`cross_entropy`](../nn/exercises/catalogue/cross_entropy.py): `fromzero exercise start cross_entropy`. The policy
#   gradient is this gradient, weighted.
# - In this notebook: let a step cost half a point (`STEP = -0.5` in 13.3) and run 13.5 again, without its asserts,
#   which hold for 0.02. Where does the agent go now, and is it wrong? Then put `G` in place of `advantage` into the
#   `batch` of 13.8. Does it learn more slowly? Try several seeds before you answer.


# %%
def softmax_backward(g, x):
    p = softmax(x)
    return p * (g - (g * p).sum(axis=-1, keepdims=True))


check("softmax", globals()).raise_if_failed()

# %% [markdown]
# ## Where this lives in the code
#
# - [`nn/examples/reinforcement/gridworld.py`](../nn/examples/reinforcement/gridworld.py): the world, with Gymnasium's
#   interface.
# - [`nn/examples/reinforcement/reinforce.py`](../nn/examples/reinforcement/reinforce.py): 13.8 with networks in place
#   of tables.
# - [`nn/examples/reinforcement/dqn.py`](../nn/examples/reinforcement/dqn.py): 13.10 with a network, a memory and a slow
#   copy.
# - [`nn/examples/reinforcement/ppo.py`](../nn/examples/reinforcement/ppo.py): actor and critic, with limited steps.
# - [`nn/examples/reinforcement/scorebook.py`](../nn/examples/reinforcement/scorebook.py): what they log.
# - [`nn/distributions/categorical.py`](../nn/distributions/categorical.py): `Categorical`, with `log_prob` and
#   `entropy`.
