# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of a script and prints TAP. A test is a function of the script with one argument `lab`; its name is a sentence."""
import inspect
import pathlib
import sys
import tempfile
import time
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what + ': ' if what else ''}got {shorten(got)}\nwanted {shorten(want)}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def equal_lines(got, want, what):
    """Like equal, for long lists: names the first line that differs."""
    for number, (left, right) in enumerate(zip(got, want), 1):
        if left != right:
            raise AssertionError(f"{what}: line {number}\ngot    {shorten(left)}\nwanted {shorten(right)}")
    equal(len(got), len(want), f"{what}: number of lines")


def shorten(value, most=2000):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[:most] + f"... ({len(text)} characters)"


def comment(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


def tests_of(script):
    return [f for f in vars(script).values()
            if inspect.isfunction(f) and f.__module__ == script.__name__ and list(inspect.signature(f).parameters) == ["lab"]]


def main(new_lab):
    """new_lab(folder) makes what a test works with; every test has a folder of its own. argv[2:], if any: names of tests to run."""
    script = sys.modules["__main__"]
    tests = [f for f in tests_of(script) if not sys.argv[2:] or f.__name__ in sys.argv[2:]]
    failed = not tests
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name, start, ok, tail = test.__name__.replace("_", " "), time.monotonic(), True, ""
        with tempfile.TemporaryDirectory(prefix="marblebone-") as folder:
            try:
                test(new_lab(pathlib.Path(folder)))
            except Skip as reason:
                tail = f" # SKIP {reason}"
            except Exception as error:  # pylint: disable=broad-except
                ok = False
                comment(error if isinstance(error, AssertionError) and str(error) else traceback.format_exc())
                if isinstance(error, AssertionError):
                    comment("at " + traceback.format_tb(error.__traceback__)[1].strip().splitlines()[0])
        failed = failed or not ok
        comment(f"{time.monotonic() - start:.2f} s")
        print(f"{'ok' if ok else 'not ok'} {number} - {name}{tail}", flush=True)
    return failed
