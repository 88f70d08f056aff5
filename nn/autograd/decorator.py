"""Contexts that decorate any function: one that returns, one that yields, and one that waits.

A generator or a coroutine runs in steps, between which others run in the same thread. So each step runs inside the
context, and what happens between two steps happens outside of it.
"""

from __future__ import annotations

import contextlib
import inspect
import types
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

__all__ = ["Decorating"]


class Decorating(contextlib.ContextDecorator):
    """Base class of contexts; `@context()` and `@context` both decorate."""

    def __new__(cls, function: Any = None) -> Any:
        """A context; or the decorated function, if a function is what is given."""
        return object.__new__(cls) if function is None else cls()(function)

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *error: object) -> None:
        raise NotImplementedError

    def _recreate_cm(self) -> Any:  # a decorated function may run in several threads at once
        return type(self)()

    def __call__(self, function: Any) -> Any:
        """The function, each call of which runs inside the context."""
        new = self._recreate_cm
        if isinstance(function, staticmethod | classmethod):
            return type(function)(self(function.__func__))
        if not callable(function):
            raise TypeError(f"{type(self).__name__}: expected a function to decorate, got {function!r}")
        if inspect.isgeneratorfunction(function):

            @wraps(function)
            def steps(*args: Any, **kwargs: Any) -> Any:
                return (yield from _in_steps(new, function(*args, **kwargs)))

            return steps
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                return await _in_steps(new, function(*args, **kwargs))

            return awaited
        if inspect.isasyncgenfunction(function):

            @wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                source = function(*args, **kwargs)
                try:
                    step = source.asend(None)
                    while True:
                        try:
                            item = await _in_steps(new, step)
                        except StopAsyncIteration:
                            return
                        try:
                            step = source.asend((yield item))
                        except Exception as error:
                            step = source.athrow(error)
                finally:
                    await _in_steps(new, source.aclose())

            return asynchronous
        return super().__call__(function)


@types.coroutine
def _in_steps(new: Callable[[], Any], steps: Any) -> Generator[Any, Any, Any]:
    """Run a generator, or what is awaited, each step inside a context of its own; the result is what it returns."""
    take, value = steps.send, None
    while True:
        try:
            with new():
                passed_on = take(value)
        except StopIteration as stop:
            return stop.value
        finally:
            value = None  # an error that was thrown in would refer to this frame, and this frame to it
        try:
            take, value = steps.send, (yield passed_on)
        except GeneratorExit:
            with new():
                steps.close()
            raise
        except BaseException as error:
            take, value = steps.throw, error
