"""`hearthgate eval climate`: what heating a simulated house comes to."""

import argparse
import json

from gateway.app import eval_climate
from gateway.app.terminal import say


def judge_climate(arguments: argparse.Namespace) -> int:
    asked = eval_climate.question(vars(arguments))
    found = eval_climate.evaluate(asked, eval_climate.default_cache(), say)
    if arguments.json:
        print(json.dumps(found))
        return 0
    for line in eval_climate.lines(found):
        print(line)
    return 0
