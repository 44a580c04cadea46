#!/usr/bin/env python3
"""Writes the captures of all cases into a folder, and beside each what is expected of it:  make.py FOLDER [PART-OF-NAME]"""
import os
import sys

import cases


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    built = cases.build(folder, sys.argv[2] if len(sys.argv) == 3 else "")
    for case in built:
        with open(case.path(case.name + ".expected.json"), "w", encoding="utf-8") as f:
            f.write(case.expectation() + "\n")
    print(f"{len(built)} cases in {folder}")


if __name__ == "__main__":
    main()
