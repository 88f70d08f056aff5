"""Schedules: what each does in words, and 100 steps of each as PyTorch goes them."""

import math
import warnings

import numpy as np
import pytest

import nn
from nn.optim import SGD, lr_scheduler


def optimizer_of(lib, name="SGD", groups=2, **options):
    rates = [0.1, 0.7][:groups]
    options = options or ({"momentum": 0.9} if name == "SGD" else {})
    params = [{"params": [lib.ones(1, requires_grad=True)], "lr": lr} for lr in rates]
    return getattr(lib.optim, name)(params, lr=0.1, **options)


class Bend:
    """A function of the epoch with a state."""

    def __init__(self, strength=1.0):
        self.strength = strength

    def __call__(self, epoch):
        return 1 / (1 + self.strength * epoch)


def sequence(lib, optimizer, milestones=(5, 20, 60)):
    s = lib.optim.lr_scheduler
    return s.SequentialLR(
        optimizer,
        [
            s.LinearLR(optimizer, 0.1, total_iters=5),
            s.CosineAnnealingLR(optimizer, 15),
            s.StepLR(optimizer, 7, 0.5),
            s.CosineAnnealingWarmRestarts(optimizer, 6),
        ],
        milestones=list(milestones),
    )


def chain(lib, optimizer):
    s = lib.optim.lr_scheduler
    return s.ChainedScheduler(
        [
            s.ConstantLR(optimizer, 0.3, total_iters=4),
            s.ExponentialLR(optimizer, 0.97),
            s.MultiStepLR(optimizer, [8, 8, 30], 0.5),
            s.CosineAnnealingLR(optimizer, 40, eta_min=0.001),
        ]
    )


def short_chain(lib, optimizer):
    s = lib.optim.lr_scheduler
    return s.ChainedScheduler([s.StepLR(optimizer, 3, 0.5), s.LinearLR(optimizer, 0.2), s.PolynomialLR(optimizer, 9)])


def short_sequence(lib, optimizer):
    s = lib.optim.lr_scheduler
    return s.SequentialLR(optimizer, [s.ConstantLR(optimizer, 0.1, 2), s.ExponentialLR(optimizer, 0.9)], [2])


def nested(name, *parts, milestones=()):
    """Schedules made of schedules; a number stands for an exponential one."""

    def build(lib, optimizer):
        s = lib.optim.lr_scheduler
        all = [s.ExponentialLR(optimizer, p) if isinstance(p, float) else p(lib, optimizer) for p in parts]
        return s.ChainedScheduler(all) if name == "chain" else s.SequentialLR(optimizer, all, list(milestones))

    return build


def made(name, *args, **kwargs):
    return lambda lib, optimizer: getattr(lib.optim.lr_scheduler, name)(optimizer, *args, **kwargs)


CASES = {
    "LambdaLR": made("LambdaLR", lambda epoch: 0.95**epoch),
    "LambdaLR-each": made("LambdaLR", [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]),
    "LambdaLR-object": lambda lib, o: lib.optim.lr_scheduler.LambdaLR(o, [Bend(), Bend(0.2)]),
    "MultiplicativeLR": made("MultiplicativeLR", lambda epoch: 0.97 if epoch % 3 else 1.01),
    "MultiplicativeLR-each": made("MultiplicativeLR", [lambda epoch: 0.97, lambda epoch: 0.9]),
    "StepLR": made("StepLR", 7),
    "StepLR-1": made("StepLR", 1, gamma=0.96),
    "StepLR-up": made("StepLR", step_size=30, gamma=2.0),
    "MultiStepLR": made("MultiStepLR", [3, 30, 80]),
    "MultiStepLR-twice": made("MultiStepLR", [50, 10, 10, 0], gamma=0.5),
    "ConstantLR": made("ConstantLR"),
    "ConstantLR-long": made("ConstantLR", factor=0.25, total_iters=60),
    "ConstantLR-none": made("ConstantLR", factor=1.0, total_iters=0),
    "LinearLR": made("LinearLR"),
    "LinearLR-down": made("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=70),
    "LinearLR-up": made("LinearLR", start_factor=0.01, end_factor=0.9, total_iters=33),
    "LinearLR-none": made("LinearLR", start_factor=0.5, total_iters=0),
    "ExponentialLR": made("ExponentialLR", 0.9),
    "ExponentialLR-up": made("ExponentialLR", gamma=1.02),
    "PolynomialLR": made("PolynomialLR"),
    "PolynomialLR-square": made("PolynomialLR", total_iters=80, power=2.0),
    "PolynomialLR-root": made("PolynomialLR", total_iters=120, power=0.5),
    "CosineAnnealingLR": made("CosineAnnealingLR", 100),
    "CosineAnnealingLR-waves": made("CosineAnnealingLR", 13, eta_min=0.01),
    "CosineAnnealingLR-1": made("CosineAnnealingLR", 1),
    "CosineAnnealingWarmRestarts": made("CosineAnnealingWarmRestarts", 10),
    "CosineAnnealingWarmRestarts-longer": made("CosineAnnealingWarmRestarts", 3, T_mult=2, eta_min=0.05),
    "ChainedScheduler": chain,
    "SequentialLR": sequence,
    "SequentialLR-at once": lambda lib, o: sequence(lib, o, (0, 20, 60)),
    "a sequence of a chain": nested("sequence", chain, 0.9, milestones=[5]),
    "a sequence of a short chain": nested("sequence", short_chain, 0.9, milestones=[15]),
    "a sequence of a chain of chains": nested("sequence", nested("chain", chain, 0.99), 0.9, milestones=[5]),
    "a sequence of a sequence": nested("sequence", short_sequence, 0.9, milestones=[7]),
    "a sequence of a chain of sequences": nested(
        "sequence", nested("chain", short_sequence, 0.99), 0.9, milestones=[4]
    ),
    "a chain of sequences": nested("chain", short_sequence, 0.95, short_sequence),
    "a chain of chains": nested("chain", chain, short_chain, 0.95),
    "CyclicLR": made("CyclicLR", 0.01, 0.1, step_size_up=7),
    "CyclicLR-each": made("CyclicLR", [0.01, 0.02], [0.1, 0.3], step_size_up=5, step_size_down=11, mode="triangular2"),
    "CyclicLR-exp": made("CyclicLR", 0.01, 0.1, 10, mode="exp_range", gamma=0.97, base_momentum=0.5, max_momentum=0.99),
    "CyclicLR-own": made("CyclicLR", 0.01, 0.1, 10, scale_fn=Bend(0.1), scale_mode="iterations"),
    "CyclicLR-own cycle": made("CyclicLR", 0.01, 0.1, 10, scale_fn=lambda x: 1 / x, cycle_momentum=False),
    "OneCycleLR": made("OneCycleLR", 0.5, total_steps=100),
    "OneCycleLR-linear": made("OneCycleLR", [0.5, 0.2], epochs=10, steps_per_epoch=11, anneal_strategy="linear"),
    "OneCycleLR-three": made("OneCycleLR", 0.5, total_steps=120, three_phase=True, pct_start=0.25, div_factor=10.0),
    "OneCycleLR-rest": made("OneCycleLR", 0.5, 105, pct_start=0.6, final_div_factor=7.0, cycle_momentum=False),
}
JUMPING = [
    *("StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR"),
    *("LambdaLR", "CosineAnnealingWarmRestarts"),
]
PLATEAUS = [
    dict(),
    dict(mode="max", patience=2, factor=0.5),
    dict(threshold_mode="abs", threshold=0.05, patience=3, cooldown=4),
    dict(mode="max", threshold_mode="abs", threshold=0.02, patience=0, cooldown=1, factor=0.8),
    dict(patience=1, min_lr=[0.01, 0.3], factor=0.4),
    dict(patience=1, min_lr=0.02, eps=0.1),
    dict(patience=2, threshold=0.3),
]


def groups_of(optimizer):
    keys = ("lr", "momentum", "betas", "initial_lr")
    return [np.hstack([np.ravel(g[k]) for k in keys if k in g]) for g in optimizer.param_groups]


class TestAgainstTorch:
    @pytest.fixture(autouse=True)
    def oracle(self):
        self.torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    def both(self):
        return nn, self.torch

    @pytest.mark.filterwarnings("ignore:Detected call of")  # by PyTorch itself, of a chain in a sequence
    @pytest.mark.parametrize("name", ["SGD", "Adam"])
    @pytest.mark.parametrize("case", CASES)
    def test_100_steps(self, case, name):
        runs = []
        for lib in self.both():
            optimizer = optimizer_of(lib, name)
            runs.append((optimizer, CASES[case](lib, optimizer)))
        for _ in range(100):
            ours, theirs = runs
            np.testing.assert_allclose(groups_of(ours[0]), groups_of(theirs[0]), rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(ours[1].get_last_lr(), theirs[1].get_last_lr(), rtol=1e-12, atol=1e-15)
            for optimizer, scheduler in runs:
                optimizer.step()
                scheduler.step()

    @pytest.mark.parametrize("options", PLATEAUS, ids=lambda o: "-".join(map(str, o.values())) or "defaults")
    def test_100_steps_of_a_plateau(self, options, rng):
        losses = 1 / np.arange(1, 101) ** 0.3 + 0.02 * rng.normal(size=100)
        runs = []
        for lib in self.both():
            optimizer = optimizer_of(lib)
            runs.append((optimizer, lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)))
        for loss in losses:
            for _, scheduler in runs:
                scheduler.step(loss if options.get("mode") != "max" else -loss)
            ours, theirs = (scheduler for _, scheduler in runs)
            np.testing.assert_allclose(ours.get_last_lr(), theirs.get_last_lr(), rtol=1e-12)
            assert (ours.best, ours.num_bad_epochs, ours.in_cooldown) == (
                theirs.best,
                theirs.num_bad_epochs,
                theirs.in_cooldown,
            )

    @pytest.mark.parametrize("last_epoch", [0, 4, 6, 12])
    @pytest.mark.parametrize("case", [*JUMPING, "MultiplicativeLR"])
    def test_made_in_the_middle_of_a_training(self, case, last_epoch):
        arguments = {
            "StepLR": (7,), "MultiStepLR": ([3, 7, 30],), "ExponentialLR": (0.9,), "PolynomialLR": (40,),
            "CosineAnnealingLR": (9,), "LambdaLR": (Bend(),), "MultiplicativeLR": (Bend(),),
            "CosineAnnealingWarmRestarts": (10,),
        }.get(case, ())  # fmt: skip
        runs = []
        for lib in self.both():
            optimizer = optimizer_of(lib)
            for group in optimizer.param_groups:
                group["initial_lr"] = 2 * group["lr"]
            optimizer.step()
            scheduler = getattr(lib.optim.lr_scheduler, case)(optimizer, *arguments, last_epoch=last_epoch)
            runs.append((optimizer, scheduler))
        for _ in range(20):
            np.testing.assert_allclose(groups_of(runs[0][0]), groups_of(runs[1][0]), rtol=1e-12, atol=1e-15)
            for optimizer, scheduler in runs:
                optimizer.step()
                scheduler.step()

    @pytest.mark.parametrize("case", JUMPING)
    def test_steps_to_given_epochs(self, case):
        runs = []
        for lib in self.both():
            optimizer = optimizer_of(lib)
            runs.append((optimizer, CASES[case](lib, optimizer)))
        for epoch in (3, 1, 14, 15, 40, 2):
            for optimizer, scheduler in runs:
                optimizer.step()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    scheduler.step(epoch)
            np.testing.assert_allclose(groups_of(runs[0][0]), groups_of(runs[1][0]), rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize("arguments", [dict(T_0=5), dict(T_0=3, T_mult=2), dict(T_0=4, T_mult=3, eta_min=0.01)])
    def test_fractions_of_epochs(self, arguments):
        runs = []
        for lib in self.both():
            optimizer = optimizer_of(lib)
            runs.append((optimizer, lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, **arguments)))
        for epoch in np.arange(0, 30, 0.3):
            for _, scheduler in runs:
                scheduler.step(float(epoch))
            np.testing.assert_allclose(groups_of(runs[0][0]), groups_of(runs[1][0]), rtol=1e-9)

    @pytest.mark.parametrize(
        "call",
        [
            lambda t, o: t.optim.lr_scheduler.StepLR("optimizer", 1),
            lambda t, o: t.optim.lr_scheduler.StepLR(o, 1, last_epoch=3),
            lambda t, o: t.optim.lr_scheduler.LambdaLR(o, [Bend()]),
            lambda t, o: t.optim.lr_scheduler.MultiplicativeLR(o, 0.5),
            lambda t, o: t.optim.lr_scheduler.ConstantLR(o, 1.5),
            lambda t, o: t.optim.lr_scheduler.LinearLR(o, 0.0),
            lambda t, o: t.optim.lr_scheduler.LinearLR(o, end_factor=2),
            lambda t, o: t.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 0),
            lambda t, o: t.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 1, 0.5),
            lambda t, o: t.optim.lr_scheduler.ChainedScheduler([]),
            lambda t, o: t.optim.lr_scheduler.ChainedScheduler([t.optim.lr_scheduler.ReduceLROnPlateau(o)]),
            lambda t, o: t.optim.lr_scheduler.SequentialLR(o, [t.optim.lr_scheduler.StepLR(o, 1)], [3]),
            lambda t, o: t.optim.lr_scheduler.SequentialLR(o, ["a"], []),
            lambda t, o: t.optim.lr_scheduler.SequentialLR(o, [t.optim.lr_scheduler.StepLR(optimizer_of(t), 1)], []),
            lambda t, o: t.optim.lr_scheduler.ReduceLROnPlateau(o, factor=1.0),
            lambda t, o: t.optim.lr_scheduler.ReduceLROnPlateau(o, mode="least"),
            lambda t, o: t.optim.lr_scheduler.ReduceLROnPlateau(o, min_lr=[1.0]),
            lambda t, o: t.optim.lr_scheduler.CyclicLR(o, 0.1, 0.2, mode="square"),
            lambda t, o: t.optim.lr_scheduler.CyclicLR(optimizer_of(t, "Rprop"), 0.1, 0.2),
            lambda t, o: t.optim.lr_scheduler.OneCycleLR(o, 0.1),
            lambda t, o: t.optim.lr_scheduler.OneCycleLR(o, 0.1, 0),
            lambda t, o: t.optim.lr_scheduler.OneCycleLR(o, 0.1, 10, pct_start=2.0),
            lambda t, o: t.optim.lr_scheduler.OneCycleLR(o, 0.1, 10, anneal_strategy="square"),
        ],
    )
    def test_an_error_there_is_an_error_here_of_the_same_kind(self, call):
        with pytest.raises(Exception) as theirs:
            call(self.torch, optimizer_of(self.torch))
        with pytest.raises(theirs.type):
            call(nn, optimizer_of(nn))


@pytest.mark.parametrize("case", CASES)
def test_a_schedule_saved_in_a_file_carries_on(case, tmp_path):
    first, second = optimizer_of(nn), optimizer_of(nn)
    scheduler = CASES[case](nn, first)
    for _ in range(13):
        first.step()
        scheduler.step()
    again = CASES[case](nn, second)
    nn.save({"optimizer": first.state_dict(), "scheduler": scheduler.state_dict()}, tmp_path / "state")
    state = nn.load(tmp_path / "state")
    second.load_state_dict(state["optimizer"])
    again.load_state_dict(state["scheduler"])
    assert again.get_last_lr() == scheduler.get_last_lr()
    for _ in range(60):
        for optimizer, schedule in ((first, scheduler), (second, again)):
            optimizer.step()
            schedule.step()
        assert [g.tolist() for g in groups_of(first)] == [g.tolist() for g in groups_of(second)]


def test_a_saved_plateau_carries_on():
    first, second = (lr_scheduler.ReduceLROnPlateau(optimizer_of(nn), patience=2) for _ in range(2))
    for _ in range(2):
        first.step(1.0)
    second.load_state_dict(first.state_dict())
    for scheduler in (first, second):
        scheduler.step(1.0)
        scheduler.step(nn.tensor(1.0))
    assert first.get_last_lr() == second.get_last_lr() == [0.1 * 0.1, 0.7 * 0.1]


def test_a_state_holds_no_optimiser_and_no_function():
    scheduler = lr_scheduler.LambdaLR(optimizer_of(nn), [Bend(3.0), math.sqrt])
    state = scheduler.state_dict()
    assert "optimizer" not in state
    assert state["lr_lambdas"] == [{"strength": 3.0}, None]
    other = Bend()
    lr_scheduler.LambdaLR(optimizer_of(nn), [other, math.sqrt]).load_state_dict(state)
    assert other.strength == 3.0


def test_a_warm_up_before_another_schedule():
    optimizer = optimizer_of(nn, groups=1)
    warm_up = lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    scheduler = lr_scheduler.SequentialLR(optimizer, [warm_up, lr_scheduler.StepLR(optimizer, 2, 0.5)], [3])
    rates = []
    for _ in range(8):
        rates += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(rates, [0.025, 0.05, 0.075, 0.1, 0.1, 0.05, 0.05, 0.025])


def test_a_chain_may_be_part_of_a_sequence():
    optimizer = optimizer_of(nn, groups=1)
    first = lr_scheduler.ConstantLR(optimizer, 0.5, total_iters=10)
    parts = [lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.ConstantLR(optimizer, 0.5, total_iters=10)]
    scheduler = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.ChainedScheduler(parts), first], [2])
    rates = []
    for _ in range(4):
        rates += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(rates, [0.025, 0.0125, 0.05, 0.05])  # one step ahead, as in PyTorch


@pytest.mark.parametrize("first", [True, False])
def test_a_sequence_may_be_part_of_a_sequence(first):
    optimizer = optimizer_of(nn, groups=1)
    inner = [lr_scheduler.ConstantLR(optimizer, 0.5, total_iters=9), lr_scheduler.ConstantLR(optimizer, 0.1, 9)]
    parts = [lr_scheduler.SequentialLR(optimizer, inner, [2]), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    scheduler = lr_scheduler.SequentialLR(optimizer, parts if first else parts[::-1], [3])
    rates = []
    for _ in range(6):
        rates += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(
        rates, [0.05, 0.01, 0.01, 0.1, 0.05, 0.025] if first else [0.1, 0.05, 0.025, 0.05, 0.05, 0.01]
    )


def test_stepping_before_the_optimiser_warns():
    optimizer = optimizer_of(nn)
    scheduler = lr_scheduler.StepLR(optimizer, 1)
    with pytest.warns(
        UserWarning, match=r"StepLR: step\(\) was called before the optimiser's, so the first rate was not used"
    ):
        scheduler.step()
    scheduler.step()


def test_a_step_of_one_s_own_does_not_warn():
    class Own(SGD):
        def step(self, closure=None):
            return None

    lr_scheduler.StepLR(Own([nn.ones(1, requires_grad=True)]), 1).step()


@pytest.mark.parametrize("scheduler", ["StepLR", "ReduceLROnPlateau"])
def test_stepping_to_an_epoch_warns(scheduler):
    optimizer = optimizer_of(nn)
    optimizer.step()
    step = {
        "StepLR": lambda: lr_scheduler.StepLR(optimizer, 1).step(3),
        "ReduceLROnPlateau": lambda: lr_scheduler.ReduceLROnPlateau(optimizer).step(1.0, 3),
    }[scheduler]
    with pytest.warns(UserWarning, match=rf"{scheduler}: step\(.*epoch\) is deprecated; call step"):
        step()


def test_a_group_added_later_has_the_last_least_rate():
    optimizer = optimizer_of(nn, groups=1)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=0.05)
    optimizer.add_param_group({"params": [nn.ones(1, requires_grad=True)], "lr": 0.06})
    for _ in range(2):
        scheduler.step(1.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.05]


def test_a_schedule_of_one_s_own():
    class Halves(lr_scheduler.LRScheduler):
        def get_lr(self):
            return [lr * 0.5**self.last_epoch for lr in self.base_lrs]

    optimizer = optimizer_of(nn)
    scheduler = Halves(optimizer)
    optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.05, 0.35]


S = lr_scheduler


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda o: S.StepLR(3, 1), TypeError, "StepLR: expected an optimiser, got int"),
        (lambda o: S.StepLR(o, 1, last_epoch=2), KeyError, "StepLR: group 0 has no initial_lr to resume from; load"),
        (lambda o: S.LRScheduler(o), NotImplementedError, r"LRScheduler: write get_lr\(self\), which returns a rate"),
        (lambda o: S.LambdaLR(o, [Bend()]), ValueError, "lr_lambda has 1 entries, the optimiser has 2 groups; give"),
        (lambda o: S.MultiplicativeLR(o, 0.5), TypeError, "lr_lambda must be a function of the epoch, got float"),
        (lambda o: S.ConstantLR(o, 1.5), ValueError, r"ConstantLR: factor must be in \[0, 1\], got 1.5"),
        (lambda o: S.LinearLR(o, 0), ValueError, "LinearLR: start_factor must be above 0 and at most 1, got 0"),
        (lambda o: S.LinearLR(o, end_factor=2), ValueError, r"LinearLR: end_factor must be in \[0, 1\], got 2"),
        (lambda o: S.CosineAnnealingWarmRestarts(o, 1.5), ValueError, "T_0 must be an integer of 1 or more, got 1.5"),
        (lambda o: S.CosineAnnealingWarmRestarts(o, 2).step(-1), ValueError, "epoch must be 0 or more, got -1"),
        (lambda o: S.ChainedScheduler([]), ValueError, "ChainedScheduler: expected at least one scheduler, got none"),
        (lambda o: S.ChainedScheduler([S.ReduceLROnPlateau(o)]), ValueError, "entry 0 is a ReduceLROnPlateau, which"),
        (lambda o: S.SequentialLR(o, [o.step], []), TypeError, "entry 0 must be a scheduler, got method"),
        (lambda o: S.SequentialLR(o, [S.StepLR(optimizer_of(nn), 1)], []), ValueError, "belongs to another optimiser"),
        (lambda o: S.SequentialLR(o, [S.StepLR(o, 1)], [1]), ValueError, "1 schedulers need 0 milestones, got 1"),
        (lambda o: S.ReduceLROnPlateau(o, factor=1), ValueError, "ReduceLROnPlateau: factor must be below 1, got 1"),
        (lambda o: S.ReduceLROnPlateau(o, "low"), ValueError, "Plateau: mode must be min or max, got 'low'"),
        (lambda o: S.ReduceLROnPlateau(o, threshold_mode="a"), ValueError, "threshold_mode must be rel or abs, got"),
        (lambda o: S.CyclicLR(o, 0.1, 0.2, mode="a"), ValueError, "must be triangular or triangular2 or exp_range"),
        (lambda o: S.CyclicLR(optimizer_of(nn, "Rprop"), 1, 2), ValueError, "Rprop has neither momentum nor betas"),
        (lambda o: S.OneCycleLR(o, 1, epochs=3), ValueError, "give total_steps, or both epochs and steps_per_epoch"),
        (lambda o: S.OneCycleLR(o, 1, 2.5), ValueError, "total_steps must be an integer of 1 or more, got 2.5"),
        (lambda o: S.OneCycleLR(o, 1, 9, pct_start=1), ValueError, r"pct_start must be a float in \[0, 1\], got 1"),
        (lambda o: S.OneCycleLR(o, 1, 9, anneal_strategy="a"), ValueError, "anneal_strategy must be cos or linear"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(optimizer_of(nn))


def test_a_step_too_many_in_one_cycle():
    optimizer = optimizer_of(nn)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=2)
    optimizer.step()
    for _ in range(2):
        scheduler.step()
    with pytest.raises(ValueError, match=r"OneCycleLR.step: 2 steps are planned, this would be number 3"):
        scheduler.step()
