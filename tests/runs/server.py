"""A server in the eyes of the queue: a process that calls `tick` until it is killed."""

import sys
import time

from mtlviz.runs import queue
from mtlviz.runs.store import Store
from tests.runs import stand_in

queue.WORKER = stand_in.COMMAND
store = Store(sys.argv[1])
while True:
    queue.tick(store)
    time.sleep(0.2)
