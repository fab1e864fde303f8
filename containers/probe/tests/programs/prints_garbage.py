"""Prints what no protocol survives: half lines, broken UTF-8, JSON look-alikes, and 100 MB; then answers."""

import os


def run(rank):
    with rank.phase("train"):
        os.write(1, b'{"id": 1, "observation"')
        os.write(2, b"\xff\xfe\xc3\x28 half a line \xe2\x82")
        os.write(1, b'\n{"done": {}}\n\n\x00\x00')
        block = b"\xf0\x9f x" * (1 << 18)
        for _ in range(100):
            view = memoryview(block)
            while view:
                view = view[os.write(1, view) :]
        os.write(1, b"the end \xe2\x82")
    return {"losses": [1.0]}
