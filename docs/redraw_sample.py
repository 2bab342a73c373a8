"""Redraws a weekly sample from its facts: ``… GET /offices/XH/weekly-samples/ID/facts | python redraw_sample.py``."""

import json
import sys
from fractions import Fraction
from hashlib import sha256
from math import ceil

facts = {fact["name"]: fact["data"] for fact in json.load(sys.stdin)["facts"]}
opened, drawn = facts["WeeklySampleOpened"], facts["WeeklySampleDrawn"]
committed = sha256(drawn["secret"].encode()).hexdigest() == opened["commitment"]
cases = sorted(entry["case"] for entry in drawn["population"])
seed = sha256("\n".join([drawn["secret"], *cases]).encode()).hexdigest()
order = sorted(cases, key=lambda case: sha256(f"{seed}|{case}".encode()).hexdigest())
chosen = order[: max(ceil(Fraction(drawn["rate"]) * len(cases)), drawn["minimum"])]
good = committed and seed == drawn["seed"] and chosen == list(drawn["chosen"])
sys.stdout.write(
    "\n".join(["committed", str(committed), "seed", seed, "chosen", *chosen, "as in the book", str(good), ""])
)
sys.exit(not good)
