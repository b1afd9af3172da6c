"""Judges the model on the held-out images: totals in eval/metrics.json, one row an image in eval/predictions.csv.

The rows carry ids, so that two models can be compared image by image (which one fixed, which one broke).
"""
import json
import math
import os

from network import Network
from settings import read_images


def main():
    network = Network.load("models/digits.json")
    images = read_images("data/prepared/test.csv")
    os.makedirs("eval", exist_ok=True)
    hits, loss = 0, 0.0
    rows, pairs = ["id,y_true,y_pred,score,loss"], ["actual,predicted"]
    for name, ink, label in images:
        chance = network.forward(ink)[1]
        guess = chance.index(max(chance))
        surprise = -math.log(max(chance[label], 1e-12))
        hits, loss = hits + (guess == label), loss + surprise
        rows.append(f"{name},{label},{guess},{chance[guess]:.4f},{surprise:.4f}")
        pairs.append(f"{label},{guess}")
    write("eval/predictions.csv", "\n".join(rows))
    write("eval/confusion.csv", "\n".join(pairs))
    totals = {"accuracy": round(hits / len(images), 6), "log_loss": round(loss / len(images), 6), "n": len(images)}
    write("eval/metrics.json", json.dumps(totals, indent=4))
    print(f"{hits} of {len(images)} right", flush=True)


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text + "\n")


main()
