"""How a bench talks to its Python process.

A request is a line of JSON, answered with a line: `open` reads the data of a case, `run` does the work
once and says how many seconds each part took, `facts` says what the last run came to, `close` drops
the case. Nothing but the work itself is timed.
"""

import json
import sys
import time
import traceback


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def answer(request, cases, modules, opened):
    what = request["do"]
    if what == "versions":
        return {"versions": ", ".join(f"{name} {module.__version__}" for name, module in modules)}
    name = request["case"]
    if what == "open":
        opened[name] = cases[name](**request["data"])
    elif what == "run":
        return {"seconds": opened[name].run()}
    elif what == "facts":
        return opened[name].facts(**request["data"])
    elif what == "close":
        del opened[name]
    else:
        raise ValueError(f"unknown request {what!r}")
    return {}


def serve(cases, modules):
    """Answers requests about cases, classes by name; modules are names and what has a version."""
    opened = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), cases, modules, opened)
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), flush=True)
