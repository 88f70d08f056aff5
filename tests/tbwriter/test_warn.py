import warnings

from tbwriter import warn as module
from tbwriter.warn import warn


def test_the_warning_points_at_the_nearest_line_outside_of_the_package():
    program = compile("def log():\n    warn('hot')\ndef add():\n    log()\n", "inside.py", "exec")
    inside = {"__name__": f"{module.__package__}.inside", "warn": warn}
    exec(program, inside)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inside["add"]()
        warn("cold")
    assert [(str(one.message), one.category, one.filename) for one in caught] == [
        ("hot", RuntimeWarning, __file__),
        ("cold", RuntimeWarning, __file__),
    ]
