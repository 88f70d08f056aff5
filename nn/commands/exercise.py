"""`fromzero exercise list | show | start | check | hint | solution | status | prove`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nn.commands.arguments import positive_float, positive_int

if TYPE_CHECKING:
    from nn.exercises.declaration import Exercise

HELP = "learn by writing it yourself: exercises that check themselves"
FOLDER = "exercises"


def options(parser: argparse.ArgumentParser) -> None:
    """Add the actions, and what each accepts."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for added in (parser, common):  # before the action or after it
        added.add_argument("--lang", choices=("en", "zh"), help="the language to read (default: en)")
        added.add_argument("--exercises", metavar="FILE", help="a Python file that declares further exercises")
    parser.set_defaults(lang="en")
    parser.epilog = "exit status of check: 0 passed, 1 failed, 2 the file cannot be run, 3 there is no such exercise"
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")

    def action(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[common])
        added.set_defaults(action=run, command=added)
        return added

    action("list", _list, "list all exercises")
    show = action("show", _show, "print what an exercise asks for")
    start = action("start", _start, "write the file to begin with; a file that is there stays as it is")
    check = action("check", _check, "check a solution, in a process of its own")
    hint = action("hint", _hint, "print a hint")
    solution = action("solution", _solution, "print the reference and its derivation")
    for added in (show, start, check, hint, solution):
        added.add_argument("id", metavar="ID", help="name or number of the exercise, or a function that it asks for")
    start.add_argument("folder", nargs="?", default=FOLDER, metavar="DIR", help=f"default: {FOLDER}")
    check.add_argument("file", nargs="?", metavar="FILE", help=f"default: {FOLDER}/ID.py")
    status = action("status", _status, "check every file of a folder, and say what is solved")
    status.add_argument("folder", nargs="?", default=FOLDER, metavar="DIR", help=f"default: {FOLDER}")
    for added in (check, status):
        added.add_argument("--seconds", type=positive_float, default=60.0, help="time for one file (default: 60)")
        added.add_argument("--megabytes", type=positive_int, default=4096, help="memory for it (default: 4096)")
    hint.add_argument("number", nargs="?", type=positive_int, default=1, metavar="N", help="which one (default: 1)")
    prove = action("prove", _prove, "show that references pass and that every planted mistake is caught")
    prove.add_argument("ids", nargs="*", metavar="ID", help="default: all")


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    from nn.exercises.registry import UnknownExercise, load

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows what it can
    try:
        if arguments.exercises is not None:
            load(arguments.exercises)
        return int(arguments.action(arguments))
    except UnknownExercise as error:
        _complain(arguments, *error.text)
        return 3


def _found(arguments: argparse.Namespace) -> Exercise:
    from nn.exercises.registry import exercise

    return exercise(arguments.id)


def _say(arguments: argparse.Namespace, english: str, chinese: str) -> None:
    print(chinese if arguments.lang == "zh" else english)


def _complain(arguments: argparse.Namespace, english: str, chinese: str) -> None:
    print(f"fromzero: {chinese if arguments.lang == 'zh' else english}", file=sys.stderr)


def _list(arguments: argparse.Namespace) -> int:
    from nn.examples.console import fitted
    from nn.exercises.catalogue import CHAPTERS
    from nn.exercises.registry import catalogue, exercises

    k, own, known = int(arguments.lang == "zh"), catalogue(), {found.id: found for found in exercises()}
    chapters = [(title[k], list(ids)) for title, ids in CHAPTERS.items()]
    others = [id for id in known if id not in own]
    if others:
        chapters.append((("Of your own", "自定义")[k], others))
    width = max(map(len, known)) + 2
    for title, ids in chapters:
        print(f"\n{fitted(title)}")
        for id in ids:
            number = str(own.index(id) + 1) if id in own else ""
            print(fitted(f"  {number:>2}  {id:<{width}}{'*' * known[id].level:<4}{known[id].title[k]}"))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from nn.exercises.sources import shown

    found = _found(arguments)
    print(shown(found, arguments.lang))
    _say(
        arguments,
        f"\nBegin with: fromzero exercise start {found.id}",
        f"\n开始：fromzero exercise start {found.id} --lang zh",
    )
    return 0


def _start(arguments: argparse.Namespace) -> int:
    from nn.exercises.sources import start_file

    found = _found(arguments)
    path = Path(arguments.folder, f"{found.id}.py")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(start_file(found, arguments.lang))
    except FileExistsError:
        _complain(arguments, f"start: {path} is there already and stays as it is", f"{path} 已经存在，保持原样")
        return 1
    default = arguments.folder == FOLDER
    again = f"fromzero exercise check {found.id}" + ("" if default else f" {path}")
    _say(arguments, f"wrote {path}; check it with: {again}", f"已写入 {path}；检查用：{again} --lang zh")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from nn.exercises.process import check_file

    found = _found(arguments)
    path = Path(arguments.file or Path(FOLDER, f"{found.id}.py"))
    if not path.is_file():
        advice = f"fromzero exercise start {found.id}"
        _complain(
            arguments, f"check: there is no file {path}; begin with {advice}", f"没有文件 {path}；先运行 {advice}"
        )
        return 2
    outcome = check_file(
        found.id,
        path,
        lang=arguments.lang,
        seconds=arguments.seconds,
        megabytes=arguments.megabytes,
        declared_in=arguments.exercises,
    )
    if outcome.printed.strip():
        _say(arguments, "The file printed:", "文件的输出：")
        print("\n".join(f"  | {line}" for line in outcome.printed.rstrip().splitlines()[:20]))
    print(outcome.report)
    if not outcome.report.ok and outcome.ran:
        _say(
            arguments,
            f"A hint: fromzero exercise hint {found.id}",
            f"提示：fromzero exercise hint {found.id} --lang zh",
        )
    return outcome.status


def _hint(arguments: argparse.Namespace) -> int:
    found = _found(arguments)
    count, number = len(found.hints), arguments.number
    if number > count:
        _complain(
            arguments,
            f"hint: {found.id} has {count} hints, got {number}",
            f"{found.id} 只有 {count} 条提示，没有第 {number} 条",
        )
        return 1
    english, chinese = found.hints[number - 1]
    _say(arguments, f"Hint {number} of {count}: {english}", f"提示 {number}/{count}：{chinese}")
    return 0


def _solution(arguments: argparse.Namespace) -> int:
    from nn.exercises.sources import solution_file

    print(solution_file(_found(arguments)), end="")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from nn.exercises.process import check_file
    from nn.exercises.registry import exercises

    folder, known = Path(arguments.folder), exercises()
    begun = [found for found in known if (folder / f"{found.id}.py").is_file()]
    solved = 0
    marks = (("solved", "begun, not yet right", "cannot be run"), ("已通过", "已开始，尚未通过", "无法运行"))
    for found in begun:
        outcome = check_file(
            found.id,
            folder / f"{found.id}.py",
            seconds=arguments.seconds,
            megabytes=arguments.megabytes,
            declared_in=arguments.exercises,
        )
        solved += outcome.status == 0
        print(f"  {found.id:<32}{marks[arguments.lang == 'zh'][outcome.status]}")
    _say(arguments, f"{solved} of {len(known)} exercises solved, {len(begun) - solved} more begun in {folder}",
         f"共 {len(known)} 个练习，已通过 {solved} 个，另有 {len(begun) - solved} 个已开始（{folder}）")  # fmt: skip
    return 0


def _prove(arguments: argparse.Namespace) -> int:
    from nn.exercises.proof import prove, table
    from nn.exercises.registry import exercise, exercises

    proofs = [prove(found) for found in ([exercise(id) for id in arguments.ids] or exercises())]
    print(table(proofs))
    faults = [fault for proof in proofs for fault in proof.faults()]
    print("", *faults, sep="\n" if faults else "")
    return int(bool(faults))
