"""Splits the images into a training part and a held-out part, in the order of the file (id < train_rows, and the rest).

The rows are copied as they are, so a corrected label in the training part leaves test.csv, and its hash, unchanged.
"""
import os

from settings import read_params


def main():
    train_rows = read_params()["prepare"]["train_rows"]
    with open("data/digits.csv", encoding="utf-8", newline="") as source:
        header, *rows = source.read().splitlines()
    os.makedirs("data/prepared", exist_ok=True)
    parts = {"train": [], "test": []}
    for row in rows:
        parts["train" if int(row.split(",", 1)[0]) < train_rows else "test"].append(row)
    for name, part in parts.items():
        with open(f"data/prepared/{name}.csv", "w", encoding="utf-8", newline="") as target:
            target.write("\n".join([header, *part]) + "\n")
        print(f"{name}: {len(part)} images", flush=True)


main()
