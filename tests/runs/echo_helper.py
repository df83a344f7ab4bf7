"""A helper process for tests: it says what it was asked, fails, or dies."""

import os
import sys
import time

from mtlviz.errors import DataError
from mtlviz.runs.helper import serve


def work(request, tell):
    tell(0.5, request["say"])
    if request["say"] == "wrong":
        raise DataError("This is wrong.")
    if request["say"] == "bug":
        raise RuntimeError("a bug")
    if request["say"] == "long":
        time.sleep(60)
    if request["say"] == "die":
        os._exit(3)
    print("what libraries print")


if __name__ == "__main__":
    idle = [float(each) for each in sys.argv[1:]]
    serve(work, lambda tell: tell(0.0, "warming up"), *idle)
