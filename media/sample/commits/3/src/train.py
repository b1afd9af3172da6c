"""Trains the network and logs every epoch in DVCLive's format: dvclive/metrics.json, dvclive/plots/metrics/**.tsv.

DVCLive itself is not needed; the files are the same, so whatever reads DVCLive reads them.
"""
import json
import math
import os
import random

from network import Network
from settings import read_images, read_params

NAMES = ("train/loss", "train/accuracy", "val/loss", "val/accuracy")


def main():
    params = read_params()["train"]
    images = read_images("data/prepared/train.csv")
    kept = len(images) - params["val_rows"]
    training, validation = images[:kept], images[kept:]
    print(f"{len(training)} images to train on, {len(validation)} to watch, {params['hidden']} hidden units", flush=True)
    log_params(params)
    network = Network.start(params["hidden"], params["seed"])
    dice = random.Random(params["seed"] + 1)
    for epoch in range(params["epochs"]):
        shuffle(training, dice)
        rate = params["lr"] / (1.0 + params["lr_decay"] * epoch)
        loss, hits = 0.0, 0
        for start in range(0, len(training), params["batch"]):
            part = network.learn(training[start : start + params["batch"]], rate, params["weight_decay"])
            loss, hits = loss + part[0], hits + part[1]
        values = (loss / len(training), hits / len(training), *watch(network, validation))
        log_epoch(epoch, values)
    os.makedirs("models", exist_ok=True)
    network.save("models/digits.json")


def shuffle(items, dice):
    """Fisher and Yates, with random() only: its numbers are promised to stay the same from one Python to the next."""
    for i in range(len(items) - 1, 0, -1):
        j = int(dice.random() * (i + 1))
        items[i], items[j] = items[j], items[i]


def watch(network, images):
    """Mean loss and accuracy on images that are not trained on."""
    loss, hits = 0.0, 0
    for _, ink, label in images:
        chance = network.forward(ink)[1]
        loss -= math.log(max(chance[label], 1e-12))
        hits += chance.index(max(chance)) == label
    return loss / len(images), hits / len(images)


def log_params(params):
    """What DVCLive's log_params leaves: the parameters of this run."""
    os.makedirs("dvclive", exist_ok=True)
    with open("dvclive/params.yaml", "w", encoding="utf-8", newline="") as file:
        file.writelines(f"{key}: {value}\n" for key, value in params.items())


def log_epoch(epoch, values):
    """One more line in each TSV, and metrics.json anew: written beside and renamed, so that no reader sees half of it."""
    metrics = {}
    for name, value in zip(NAMES, (round(v, 6) for v in values)):
        group, key = name.split("/")
        metrics.setdefault(group, {})[key] = value
        path = f"dvclive/plots/metrics/{name}.tsv"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a" if epoch else "w", encoding="utf-8", newline="") as file:
            file.write(("" if epoch else f"step\t{key}\n") + f"{epoch}\t{value}\n")
    metrics["step"] = epoch
    with open("dvclive/.metrics.json.tmp", "w", encoding="utf-8", newline="") as file:
        file.write(json.dumps(metrics, indent=4) + "\n")
    os.replace("dvclive/.metrics.json.tmp", "dvclive/metrics.json")
    val = metrics["val"]
    print(f"epoch {epoch + 1}  loss {metrics['train']['loss']:.4f}  val accuracy {val['accuracy']:.4f}", flush=True)


main()
