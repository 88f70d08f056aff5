"""Averaged models: means and moving averages, buffers, batch statistics, and the rate's way to its plateau."""

import copy

import numpy as np
import pytest

import nn
from nn.optim import swa_utils
from nn.optim.swa_utils import SWALR, AveragedModel


class Normalizing(nn.Module):
    """A stand-in for batch normalisation: it counts its batches and keeps the mean of their means."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(nn.ones(2))
        self.momentum = 0.1
        self.register_buffer("running_mean", nn.zeros(2))
        self.register_buffer("num_batches_tracked", nn.tensor(0))

    def reset_running_stats(self):
        self.running_mean.zero_()
        self.num_batches_tracked.zero_()

    def forward(self, x):
        if self.training:
            self.num_batches_tracked.add_(1)
            share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
            self.running_mean.copy_((1 - share) * self.running_mean + share * x.mean(0).detach())
        return x - self.running_mean


def fed(averaged, model, values):
    for value in values:
        with nn.no_grad():
            for p in model.parameters():
                p.copy_(value * nn.ones_like(p))
        averaged.update_parameters(model)
    return [p.detach().numpy().mean() for p in averaged.module.parameters()]


VALUES = [4.0, 1.0, -2.0, 5.0, 0.5]


@pytest.mark.parametrize("options", [{}, dict(avg_fn=swa_utils.get_swa_avg_fn()),
                                     dict(multi_avg_fn=swa_utils.get_swa_multi_avg_fn())],
                         ids=["neither", "avg_fn", "multi_avg_fn"])  # fmt: skip
def test_by_default_it_is_the_mean(options):
    model = nn.Linear(2, 3)
    np.testing.assert_allclose(fed(AveragedModel(model, **options), model, VALUES), np.mean(VALUES), rtol=1e-6)


@pytest.mark.parametrize("name", ["avg_fn", "multi_avg_fn"])
def test_a_moving_average(name):
    model, wanted = nn.Linear(2, 3), VALUES[0]
    function = dict(avg_fn=swa_utils.get_ema_avg_fn, multi_avg_fn=swa_utils.get_ema_multi_avg_fn)[name](0.7)
    for value in VALUES[1:]:
        wanted = 0.7 * wanted + 0.3 * value
    np.testing.assert_allclose(fed(AveragedModel(model, **{name: function}), model, VALUES), wanted, rtol=1e-6)


def test_the_model_itself_is_left_alone_and_the_copy_computes():
    model = nn.Linear(2, 1)
    averaged = AveragedModel(model)
    fed(averaged, model, [1.0, 3.0])
    assert model.weight.tolist() == [[3, 3]]
    assert averaged(nn.ones(1, 2)).item() == 6
    assert averaged.n_averaged.item() == 2
    assert list(averaged.state_dict()) == ["n_averaged", "module.weight", "module.bias"]


def test_buffers_are_taken_over_or_averaged():
    for use_buffers, wanted in ((False, 8), (True, 5)):
        model = Normalizing()
        averaged = AveragedModel(model, use_buffers=use_buffers)
        for value in (2, 8):
            model.running_mean.fill_(value)
            model.num_batches_tracked.fill_(value)
            averaged.update_parameters(model)
        assert averaged.module.running_mean.tolist() == [wanted, wanted]
        assert averaged.module.num_batches_tracked.item() == wanted
        assert averaged.module.num_batches_tracked.dtype == np.int64


def test_its_state_carries_on():
    model = nn.Linear(1, 1)
    first = AveragedModel(model)
    fed(first, model, VALUES[:2])
    second = AveragedModel(nn.Linear(1, 1))
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert fed(first, model, VALUES[2:]) == fed(second, model, VALUES[2:])


@pytest.mark.parametrize("as_list", [False, True])
def test_statistics_are_the_mean_over_all_batches(as_list, rng):
    model = nn.Sequential(nn.Identity(), Normalizing()).eval()
    batches = [nn.tensor(rng.normal(size=(4, 2)).astype(np.float32)) for _ in range(3)]
    model[1].running_mean.fill_(9)
    swa_utils.update_bn([[b, None] for b in batches] if as_list else batches, model)
    np.testing.assert_allclose(model[1].running_mean.numpy(), np.mean(batches, axis=(0, 1)), rtol=1e-5)
    assert (model[1].momentum, model.training, model[1].training) == (0.1, False, False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: swa_utils.get_ema_avg_fn(1.5), r"get_ema_avg_fn: decay must be in \[0, 1\], got 1.5"),
        (lambda: swa_utils.get_ema_multi_avg_fn(-1), r"get_ema_multi_avg_fn: decay must be in \[0, 1\], got -1"),
        (lambda: AveragedModel(nn.Identity(), avg_fn=max, multi_avg_fn=max), "give avg_fn or multi_avg_fn, not both"),
        (lambda: SWALR(optimizer_of(nn), 1.0, 2.5), "SWALR: anneal_epochs must be an integer of 0 or more, got 2.5"),
        (lambda: SWALR(optimizer_of(nn), 1.0, anneal_strategy="a"), "anneal_strategy must be cos or linear, got 'a'"),
        (lambda: SWALR(optimizer_of(nn), [1.0]), "SWALR: swa_lr has 1 entries, the optimiser has 2 groups"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def optimizer_of(lib):
    return lib.optim.SGD([{"params": [lib.ones(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.7)])


RATES = [dict(swa_lr=0.05), dict(swa_lr=[0.5, 0.01], anneal_epochs=7, anneal_strategy="linear"),
         dict(swa_lr=0.05, anneal_epochs=0), dict(swa_lr=1.0, anneal_epochs=40)]  # fmt: skip


def test_a_saved_rate_carries_on():
    first, second = optimizer_of(nn), optimizer_of(nn)
    scheduler, again = SWALR(first, **RATES[1]), SWALR(second, **RATES[1])
    for _ in range(3):
        first.step()
        scheduler.step()
    second.load_state_dict(first.state_dict())
    again.load_state_dict(scheduler.state_dict())
    for optimizer, one in ((first, scheduler), (second, again)):
        optimizer.step()
        one.step()
    assert scheduler.get_last_lr() == again.get_last_lr()


class TestAgainstTorch:
    @pytest.fixture(autouse=True)
    def oracle(self):
        self.torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    @pytest.mark.parametrize("options", RATES, ids=lambda o: "-".join(map(str, o.values())))
    def test_100_steps_of_the_rate(self, options):
        runs = []
        for lib in (nn, self.torch):
            optimizer = optimizer_of(lib)
            runs.append((optimizer, lib.optim.swa_utils.SWALR(optimizer, **options)))
        for _ in range(100):
            rates = [scheduler.get_last_lr() for _, scheduler in runs]
            np.testing.assert_allclose(*rates, rtol=1e-12)
            for optimizer, scheduler in runs:
                optimizer.step()
                scheduler.step()

    @pytest.mark.parametrize("kind", ["default", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn"])
    def test_averages(self, kind, rng):
        values = rng.normal(size=(6, 3, 2))
        results = []
        for lib, layers in ((nn, nn), (self.torch, self.torch.nn)):
            swa = lib.optim.swa_utils
            option = {} if kind == "default" else {kind[8:]: getattr(swa, kind)()}
            model = layers.Linear(2, 3, bias=False).double()
            averaged = swa.AveragedModel(model, **option)
            for value in values:
                model.load_state_dict({"weight": lib.tensor(value)})
                averaged.update_parameters(model)
            results.append(averaged.module.weight.detach().numpy())
            assert list(averaged.state_dict()) == ["n_averaged", "module.weight"]
        np.testing.assert_allclose(*results, rtol=1e-12)

    def test_batch_statistics_learnt_anew(self, rng):
        batches, results = rng.normal(2.0, 3.0, size=(4, 8, 5)), []
        for lib, layers in ((nn, nn), (self.torch, self.torch.nn)):
            model = layers.Sequential(layers.BatchNorm1d(5), layers.Identity()).double().eval()
            lib.optim.swa_utils.update_bn([(lib.tensor(batch), None) for batch in batches], model)
            assert (model.training, model[0].momentum) == (False, 0.1)
            results.append([np.asarray(value) for value in model.state_dict().values()])
        for ours, theirs in zip(*results, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        np.testing.assert_allclose(results[0][2], batches.mean(axis=(0, 1)), rtol=1e-12)

    def test_an_average_of_a_model_with_batch_statistics(self, rng):
        for use_buffers in (False, True):
            results, values = [], rng.normal(size=(3, 6, 5))
            for lib, layers in ((nn, nn), (self.torch, self.torch.nn)):
                model = layers.BatchNorm1d(5).double()
                average = lib.optim.swa_utils.get_ema_multi_avg_fn(0.6)
                averaged = lib.optim.swa_utils.AveragedModel(model, multi_avg_fn=average, use_buffers=use_buffers)
                for value in values:
                    model(lib.tensor(value))
                    averaged.update_parameters(model)
                results.append({name: np.asarray(v) for name, v in averaged.state_dict().items()})
            assert list(results[0]) == list(results[1])
            for name, ours in results[0].items():
                np.testing.assert_allclose(ours, results[1][name], rtol=1e-12, err_msg=name)
