"""Stopping early, and keeping the best."""

import math

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "early_stopping",
    title=("Stop early and keep the best", "早停，并保存最佳模型"),
    statement=(
        """
        train_epoch() trains for one epoch and changes the arrays in the dict `parameters` in place; validate() returns
        the validation loss. Train for at most max_epochs and stop once `patience` epochs in a row have brought no loss
        below the best so far (an equal one is no better, and NaN never is). Return (best_epoch, best_loss, best), where
        best is a dict with the parameters of the best epoch as they were then; epochs count from 0. At the end
        `parameters` itself holds these best values again.
        """,
        """
        train_epoch() 训练一个 epoch，并就地修改字典 parameters 中的数组；validate() 返回验证损失。
        最多训练 max_epochs 个 epoch；若连续 patience 个 epoch 都没有低于目前最好的损失（相等不算更好，NaN 永远不算），
        就停止。返回 (best_epoch, best_loss, best)，其中 best 是最佳 epoch 当时的参数字典，epoch 从 0 数起。
        结束时 parameters 本身也恢复为这些最佳值。
        """,
    ),
    derivation="""
        improved:  loss < best_loss       (false for NaN, and for an equal loss)
        best = a copy of every array:  the training goes on in the same arrays
    """,
    hints=[
        ("dict(parameters) copies the dict, not its arrays.", "dict(parameters) 只复制字典，不复制其中的数组。"),
        (
            "Count the epochs since the last improvement, and start again at each.",
            "数一数距上次改进过了几个 epoch，每次改进后归零。",
        ),
        ("array[...] = best puts values back into the same array.", "array[...] = best 可以把值写回原来的数组。"),
    ],
)


@exercise.reference
def train_with_early_stopping(train_epoch, validate, parameters, patience, max_epochs):
    """parameters: dict of arrays -> best_epoch, best_loss, best: dict of arrays"""
    best_epoch, best_loss, best, waited = -1, np.inf, {}, 0
    for epoch in range(max_epochs):
        train_epoch()
        loss = validate()
        if loss < best_loss:
            best_epoch, best_loss, waited = epoch, loss, 0
            best = {name: array.copy() for name, array in parameters.items()}
        else:
            waited += 1
            if waited == patience:
                break
    for name, array in best.items():
        parameters[name][...] = array
    return best_epoch, best_loss, best


def run(given, losses, patience, max_epochs=100):
    """Parameters count the epochs trained; validation follows the list."""
    parameters, state = {"w": np.zeros(2)}, {"epochs": 0, "same": 0}

    def train_epoch():
        state["epochs"] += 1
        parameters["w"] += 1

    def validate():
        return losses[state["epochs"] - 1]

    array = parameters["w"]
    found = given.train_with_early_stopping.itself(
        train_epoch, validate, parameters, patience, min(max_epochs, len(losses))
    )
    return found, state["epochs"], parameters["w"], array


@exercise.check(
    "it stops after `patience` epochs without improvement, and not before",
    "连续 patience 个 epoch 无改进才停止，不早也不晚",
)
def stops(given, rng):
    losses = [5.0, 4.0, 4.5, 3.0, 3.5, 3.2, 3.1, 2.0, 1.0]
    same("epochs trained", run(given, losses, 3)[1], 7)
    same("epochs trained with patience 4", run(given, losses, 4)[1], 9)
    same("epochs trained with a limit of 2", run(given, losses, 3, 2)[1], 2)


@exercise.check("the best epoch, its loss and its parameters are returned", "返回最佳 epoch、其损失和当时的参数")
def best(given, rng):
    (epoch, loss, kept), _, _, _ = run(given, [5.0, 3.0, 4.0, 3.5], 10)
    same("best_epoch", epoch, 1)
    same("best_loss", loss, 3.0)
    same("best['w']", kept["w"], [2.0, 2.0])


@exercise.check("the parameters end with their best values, in the same arrays", "结束时原数组恢复为最佳值")
def restored(given, rng):
    _, _, now, array = run(given, [5.0, 3.0, 4.0, 3.5], 10)
    same("parameters['w'] at the end", now, [2.0, 2.0])
    require(
        now is array,
        "parameters['w'] is another array now; the model still has the old one",
        "parameters['w'] 换成了另一个数组，模型手里还是旧的",
    )


@exercise.check("an equal loss and NaN are no improvement", "损失相等或为 NaN 都不算改进")
def ties(given, rng):
    (epoch, _, _), trained, _, _ = run(given, [3.0, 3.0, 3.0, 3.0, 1.0], 2)
    same("best_epoch after equal losses", epoch, 0)
    same("epochs trained on equal losses", trained, 3)
    (epoch, loss, _), _, _, _ = run(given, [math.nan, 2.0, math.nan, math.nan], 10)
    same("best_epoch beside NaN", epoch, 1)
    same("best_loss beside NaN", loss, 2.0)


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def variant(
    better=lambda a, b: a < b,
    keep=copies,
    start=np.inf,
    reset=True,
    late=0,
    back=True,
):
    def made(train_epoch, validate, parameters, patience, max_epochs):
        epoch_, loss_, kept, waited = -1, start, {}, 0
        for epoch in range(max_epochs):
            train_epoch()
            loss = validate()
            if better(loss, loss_):
                epoch_, loss_, kept = epoch, loss, keep(parameters)
                waited = 0 if reset else waited
            else:
                waited += 1
                if waited == patience + late:
                    break
        for name in kept if back else ():
            parameters[name][...] = kept[name]
        return epoch_, loss_, {k: v.copy() for k, v in kept.items()}

    return made


def rebinding(train_epoch, validate, parameters, patience, max_epochs):
    found = variant(back=False)(train_epoch, validate, parameters, patience, max_epochs)
    parameters.update(found[2])
    return found


def last(train_epoch, validate, parameters, patience, max_epochs):
    epoch, loss, best = train_with_early_stopping(train_epoch, validate, parameters, patience, max_epochs)
    return epoch, loss, {name: array + 2 for name, array in best.items()}


exercise.mutant("a patience of one more", train_with_early_stopping=variant(late=1))
exercise.mutant("epochs without improvement counted altogether", train_with_early_stopping=variant(reset=False))
exercise.mutant("the dict copied, not its arrays", train_with_early_stopping=variant(keep=dict))
exercise.mutant("the parameters of the last epoch", train_with_early_stopping=last)
exercise.mutant("not put back", train_with_early_stopping=variant(back=False))
exercise.mutant("new arrays put in their place", train_with_early_stopping=rebinding)
exercise.mutant("an equal loss counts as better", train_with_early_stopping=variant(better=lambda a, b: a <= b))
exercise.mutant("NaN counts as better", train_with_early_stopping=variant(better=lambda a, b: not a >= b))
exercise.mutant(
    "the highest is best, as for an accuracy",
    train_with_early_stopping=variant(better=lambda a, b: a > b, start=-np.inf),
)
