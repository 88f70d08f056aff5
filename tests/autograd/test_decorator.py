"""Contexts as decorators of everything that runs in steps: inside during a step, outside between two."""

import asyncio
import gc
import inspect
import threading
import weakref

import pytest

import nn
from nn.autograd.mode import mode

MODES = {
    "no_grad": (nn.no_grad, False),
    "inference_mode": (nn.inference_mode, False),
    "enable_grad": (nn.enable_grad, True),
    "inference_mode(False)": (lambda: nn.inference_mode(False), True),
    "set_grad_enabled(True)": (lambda: nn.set_grad_enabled(True), True),
    "set_grad_enabled(False)": (lambda: nn.set_grad_enabled(False), False),
}


@pytest.fixture(params=MODES)
def decorated(request):
    """A decorator and whether what it decorates records; around it, the opposite holds."""
    make, records = MODES[request.param]
    with nn.no_grad() if records else nn.enable_grad():
        yield make(), records


def records():
    return nn.is_grad_enabled()


def test_a_generator_records_by_its_mode_and_its_caller_by_another(decorated):
    decorator, inside = decorated

    @decorator
    def steps(first):
        sent = yield first, records()
        assert records() is inside
        try:
            yield sent, records()
        except KeyError:
            yield "thrown", records()
        return "end", records()

    assert records() is not inside
    generator = steps(1)
    assert next(generator) == (1, inside)
    assert records() is not inside
    assert generator.send(2) == (2, inside)
    assert records() is not inside
    assert generator.throw(KeyError()) == ("thrown", inside)
    assert records() is not inside
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == ("end", inside)
    assert records() is not inside


def test_a_generator_that_is_closed_cleans_up_in_its_mode(decorated):
    decorator, inside = decorated
    seen = []

    @decorator
    def steps():
        try:
            yield
        finally:
            seen.append(records())

    generator = steps()
    next(generator)
    generator.close()
    left = steps()
    next(left)
    del left
    assert seen == [inside, inside]
    assert records() is not inside


def test_an_error_in_a_generator_reaches_the_caller_with_the_mode_restored(decorated):
    decorator, inside = decorated

    @decorator
    def steps():
        yield
        raise KeyError("mine")

    generator = steps()
    next(generator)
    with pytest.raises(KeyError, match="mine"):
        next(generator)
    assert records() is not inside
    thrown = steps()
    next(thrown)
    with pytest.raises(ValueError, match="theirs"):
        thrown.throw(ValueError("theirs"))
    assert records() is not inside


def test_coroutines_take_turns_each_in_its_own_mode(decorated):
    decorator, inside = decorated

    @decorator
    async def one(log):
        for _ in range(3):
            log.append(records() is inside)
            await asyncio.sleep(0)
        return records() is inside

    async def other(log):
        for _ in range(3):
            log.append(records() is not inside)
            await asyncio.sleep(0)
        return records() is not inside

    async def both():
        log = []
        results = await asyncio.gather(one(log), other(log), one(log))
        return log, results

    assert asyncio.run(both()) == ([True] * 9, [True] * 3)
    assert records() is not inside


def test_a_cancelled_coroutine_leaves_the_mode_as_it_was(decorated):
    decorator, inside = decorated
    seen = []

    @decorator
    async def waits():
        try:
            await asyncio.sleep(3600)
        finally:
            seen.append(records())

    async def cancels():
        task = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return records()

    assert asyncio.run(cancels()) is not inside
    assert seen == [inside]


def test_an_asynchronous_generator_records_by_its_mode(decorated):
    decorator, inside = decorated
    closed = []

    @decorator
    async def steps():
        try:
            sent = yield records()
            await asyncio.sleep(0)
            try:
                yield sent, records()
            except KeyError:
                yield "thrown", records()
        finally:
            closed.append(records())

    async def walk():
        generator = steps()
        assert await generator.asend(None) is inside
        assert records() is not inside
        assert await generator.asend(5) == (5, inside)
        assert await generator.athrow(KeyError()) == ("thrown", inside)
        with pytest.raises(StopAsyncIteration):
            await generator.asend(None)
        left = steps()
        assert await left.asend(None) is inside
        await left.aclose()
        return [item async for item in steps()]

    assert asyncio.run(walk()) == [inside, (None, inside)]
    assert closed == [inside] * 3
    assert records() is not inside


def test_methods_of_every_sort_are_decorated(decorated):
    decorator, inside = decorated

    class Model:
        @decorator
        def method(self):
            return records()

        @decorator
        def generator(self):
            yield records()

        @decorator
        @staticmethod
        def static():
            yield records()

        @decorator
        @classmethod
        def of_class(cls):
            yield cls, records()

        @staticmethod
        @decorator
        def outer():
            yield records()

    model = Model()
    assert model.method() is inside
    assert [*model.generator(), *model.static(), *Model.static(), *model.outer()] == [inside] * 4
    assert list(model.of_class()) == [(Model, inside)]


@pytest.mark.parametrize("bare", [nn.no_grad, nn.inference_mode, nn.enable_grad, nn.detect_anomaly])
def test_brackets_may_be_left_out(bare):
    wanted = {nn.enable_grad: True, nn.detect_anomaly: nn.is_grad_enabled()}.get(bare, False)

    @bare
    def function(a, b=2):
        """Says what it does."""
        return a, b, records(), mode.watcher is not None

    @bare
    def generator():
        yield records(), mode.watcher is not None

    @bare
    async def coroutine():
        return records(), mode.watcher is not None

    watched = bare is nn.detect_anomaly
    assert function(1, b=3) == (1, 3, wanted, watched)
    assert function.__name__ == "function"
    assert function.__doc__ == "Says what it does."
    assert list(generator()) == [(wanted, watched)]
    assert asyncio.run(coroutine()) == (wanted, watched)
    assert mode.watcher is None
    assert bare(nn.Linear(2, 1))(nn.ones(2)).requires_grad is wanted


def test_anomaly_detection_watches_each_step_of_a_generator():
    @nn.detect_anomaly()
    def steps(x):
        yield mode.watcher is not None
        yield (x * x.log()).sum()

    generator = steps(nn.tensor([0.0, 1.0], requires_grad=True))
    assert next(generator)
    assert mode.watcher is None
    result = next(generator)
    with pytest.raises(nn.GradError, match="which mul made first"):
        result.backward()


def test_what_is_decorated_stays_what_it_was(decorated):
    decorator, _ = decorated

    def generator():
        yield

    async def coroutine(): ...

    async def asynchronous():
        yield

    assert inspect.isgeneratorfunction(decorator(generator))
    assert inspect.iscoroutinefunction(decorator(coroutine))
    assert inspect.isasyncgenfunction(decorator(asynchronous))


def test_a_generator_may_go_from_thread_to_thread():
    @nn.no_grad
    def steps():
        while True:
            yield records()

    generator, seen = steps(), []

    def step():
        seen.append((next(generator), records()))

    for _ in range(3):
        thread = threading.Thread(target=step)
        thread.start()
        thread.join()
        step()
    assert seen == [(False, True)] * 6


def test_an_error_that_was_thrown_in_is_not_kept():
    class Error(Exception):
        pass

    @nn.no_grad
    def steps():
        yield

    gc.disable()
    try:
        generator, error = steps(), Error()
        next(generator)
        with pytest.raises(Error):
            generator.throw(error)
        died = weakref.ref(error)
        error.__traceback__ = None
        del generator, error
        assert died() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("mode", [nn.inference_mode, nn.set_grad_enabled])
@pytest.mark.parametrize("value", [1, 0, "no", None])
def test_a_mode_that_is_neither_true_nor_false_is_refused(mode, value):
    before = nn.is_grad_enabled()
    with pytest.raises(TypeError, match=f"{mode.__name__}: mode must be True or False, got {value!r}"):
        mode(value)
    assert nn.is_grad_enabled() is before


def test_set_grad_enabled_without_a_mode_says_how_to_decorate():
    with pytest.raises(TypeError, match=r"as a decorator, write @set_grad_enabled\(True\)"):

        @nn.set_grad_enabled
        def function(): ...

    assert nn.is_grad_enabled()


@pytest.mark.parametrize("bare", [nn.no_grad, nn.enable_grad, nn.detect_anomaly])
def test_what_is_no_function_is_not_decorated(bare):
    with pytest.raises(TypeError, match=f"{bare.__name__}: expected a function to decorate, got 5"):
        bare(5)
