"""Learns whether a flight that has just left New York will land late."""

import json
import os

import joblib
import pandas as pd
import yaml
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

import features

config = yaml.safe_load(open("config.yaml"))
holdout_rows = int(os.environ.get("HOLDOUT_ROWS", "20000"))

flights = pd.read_csv("data/flights.csv")
holdout = pd.read_csv("data/holdout.csv").head(holdout_rows)

model = HistGradientBoostingClassifier(random_state=config["seed"], **config["model"])
model.fit(features.frame(flights), flights.arr_delay > config["late_after_minutes"])

chance = model.predict_proba(features.frame(holdout))[:, 1]
auc = roc_auc_score(holdout.arr_delay > config["late_after_minutes"], chance)

joblib.dump(model, "model.joblib")
json.dump({"auc": round(auc, 4), "flights": len(flights)}, open("metrics.json", "w"))
print(f"auc {auc:.4f} on {len(holdout)} flights of December, learnt from {len(flights)}")
