#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The inputs of a fuzz target, one archive a target: corpus/TARGET.tar.xz.

    corpus.py unpack ARCHIVE FOLDER     FOLDER becomes what is in the archive, and nothing else
    corpus.py pack FOLDER ARCHIVE       the archive of the files of FOLDER
    corpus.py list ARCHIVE              name, bytes and SHA-256 of each, sorted by name

The same files give the same archive: sorted names, no times, no owners.
"""
import hashlib
import io
import lzma
import pathlib
import shutil
import sys
import tarfile


def read(archive):
    """{name: bytes}"""
    with tarfile.open(archive, "r:xz") as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    strange = [name for name in found if "/" in name or name.startswith(".")]
    if strange:
        raise ValueError(f"{archive}: '{strange[0]}' is not the plain name of a file")
    return found


def write(archive, inputs):
    bare = io.BytesIO()
    with tarfile.open(fileobj=bare, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(inputs):
            member = tarfile.TarInfo(name)
            member.size = len(inputs[name])
            tar.addfile(member, io.BytesIO(inputs[name]))
    pathlib.Path(archive).write_bytes(lzma.compress(bare.getvalue(), preset=9))


def unpack(archive, folder):
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in read(archive).items():
        (folder / name).write_bytes(data)


def pack(folder, archive):
    write(archive, {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir() if path.is_file()})


def listing(archive):
    for name, data in sorted(read(archive).items()):
        print(name, len(data), hashlib.sha256(data).hexdigest())


COMMANDS = {("unpack", 2): unpack, ("pack", 2): pack, ("list", 1): listing}


def main():
    command = COMMANDS.get((sys.argv[1] if len(sys.argv) > 1 else "", len(sys.argv) - 2))
    if command is None:
        print(__doc__, file=sys.stderr)
        return 2
    return command(*sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
