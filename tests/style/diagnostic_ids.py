#!/usr/bin/env python3
"""Every diagnostic id of the sources stands in a case or a unit test, with its text: no message is unread.

    diagnostic_ids.py SOURCE_FOLDER

Prints TAP, one test an id.
"""
import pathlib
import re
import sys

ID = re.compile(r'"((?:yaml|expr|model|plan|check|reference|fit)\.[a-z-]+)"')


def main():
    root = pathlib.Path(sys.argv[1])
    ids = sorted({i for source in root.glob("runner/*/*.c") for i in ID.findall(source.read_text())})
    tested = "".join(path.read_text(errors="replace") for pattern in ("tests/cases/*.expected", "tests/*/*.c")
                     for path in root.glob(pattern))
    print(f"1..{len(ids)}")
    missing = [i for i in ids if not re.search(re.escape(i) + r'[\]"\\]', tested)]
    for number, name in enumerate(ids, 1):
        print("not ok" if name in missing else "ok", number, "-", name)
    return bool(missing) or not ids


if __name__ == "__main__":
    sys.exit(main())
