"""Records media/sample: runs the sample's history for real and keeps what it leaves.

    python3 -m venv VENV && VENV/bin/pip install dvc==3.67.1
    pip download --no-deps scikit-learn, unpack sklearn/datasets/data/digits.csv.gz from it
    VENV/bin/python scripts/recordSample.py digits.csv.gz

Written by hand are, in media/sample/commits/N (what the N-th commit changes, a leading dot spelled `dot-`): README.md, DATA-LICENSE.md,
the ignore files, dvc.yaml, params.yaml, gates.yaml, src/*.py. Everything else there, history.json and objects.json.gz come from here:
each commit is laid over a scratch repository, the data version put in place, `dvc add` and `dvc repro` run by the real DVC, and the
files that differ from the commit before are taken over. The cache's objects go to objects.json.gz: `lines` holds each distinct line of
text once, `objects` maps a hash to `[first, count, first, count ...]` ranges of them, joined by newlines (the rows of the three data
versions and of the prepared parts are the same lines, so they are stored once). Running it again changes no byte.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MEDIA = os.path.join(HERE, "media", "sample")
AUTHOR = {"name": "Strata Sample", "email": "sample@strata.invalid"}
COMMITS = [
    ("2026-03-02T09:10:00Z", "Data: the first 900 images"),
    ("2026-03-04T14:25:00Z", "Data: the other 897 images"),
    ("2026-03-05T16:40:00Z", "Train a small network, with its gate"),
    ("2026-03-11T10:05:00Z", "Data: exchange the labels 4 and 9 back in ids 300 to 539"),
    ("2026-03-12T11:30:00Z", "Train a wider network on the corrected labels"),
]
TAGS = [
    ("digits@v0.1.0", 3, "2026-03-06T09:00:00Z", "Registering artifact digits version v0.1.0"),
    ("digits#prod#1", 3, "2026-03-06T09:05:00Z", "Assigning stage prod to artifact digits version v0.1.0"),
]
PUSHED = 3  # the remote holds what the first three commits need
RUNS = {3, 5}  # commits that come with a run of the pipeline


def data_version(number, source):
    """The text of data/digits.csv at a commit, from scikit-learn's copy of the data (64 counts and a label a row)."""
    rows = gzip.open(source, "rt", encoding="ascii").read().split()
    header = ",".join(["id", *(f"p{i:02}" for i in range(64)), "label"])
    lines = [header]
    for i, row in enumerate(rows[: 900 if number == 1 else None]):
        pixels, label = row.rsplit(",", 1)
        if number < 4 and 300 <= i < 540:
            label = {"4": "9", "9": "4"}.get(label, label)
        lines.append(f"{i},{pixels},{label}")
    return "\n".join(lines) + "\n"


def run(root, *command):
    env = {**os.environ, "DVC_NO_ANALYTICS": "1", "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    return subprocess.run(command, cwd=root, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def dotted(path):
    return "/".join("." + part[4:] if part.startswith("dot-") else part for part in path.split("/"))


def undotted(path):
    return "/".join("dot-" + part[1:] if part.startswith(".") else part for part in path.split("/"))


def lay_over(number, root):
    """Copies the files of media/sample/commits/N into the scratch project."""
    folder = os.path.join(MEDIA, "commits", str(number))
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(base, name), folder).replace(os.sep, "/")
            target = os.path.join(root, dotted(path))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(os.path.join(base, name), target)


def take_over(number, root):
    """Writes the files that the commit changes to media/sample/commits/N; returns their paths."""
    names = run(root, "git", "diff", "--cached", "--name-only", "-z").split("\0")[:-1]
    for name in names:
        target = os.path.join(MEDIA, "commits", str(number), undotted(name))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(os.path.join(root, name), target)
    return sorted(names)


def outputs(root):
    """Path and hash of everything the cache serves at this commit."""
    found = {}
    entry = yaml.safe_load(open(os.path.join(root, "data/digits.csv.dvc")))["outs"][0]
    found["data/digits.csv"] = entry["md5"]
    lock = os.path.join(root, "dvc.lock")
    for stage in yaml.safe_load(open(lock))["stages"].values() if os.path.exists(lock) else []:
        for out in stage["outs"]:
            if not out["path"].endswith("metrics.json"):
                found[out["path"]] = out["md5"]
    return dict(sorted(found.items()))


def record(root, source):
    run(root, "git", "init", "-q", "-b", "main")
    for key, value in AUTHOR.items():
        run(root, "git", "config", f"user.{key}", value)
    run(root, "dvc", "init", "-q")
    run(root, "dvc", "remote", "add", "-q", "-d", "storage", "remote")
    history = []
    for number, (date, message) in enumerate(COMMITS, start=1):
        lay_over(number, root)
        if number in (1, 2, 4):
            os.makedirs(os.path.join(root, "data"), exist_ok=True)
            with open(os.path.join(root, "data/digits.csv"), "w", newline="") as file:
                file.write(data_version(number, source))
            run(root, "dvc", "add", "-q", "data/digits.csv")
        if number in RUNS:
            print(run(root, "dvc", "repro"), end="")
        run(root, "git", "add", "-A")
        files = take_over(number, root)
        run(root, "git", "commit", "-q", "-m", message)
        history.append({"date": date, "message": message, "files": files, "outs": outputs(root)})
    print(run(root, "dvc", "status"), run(root, "git", "status", "--short"), end="")
    return history


def collect_objects(root):
    """All objects of the cache as ranges of distinct lines."""
    lines, places, objects = [], {}, {}
    store = os.path.join(root, ".dvc/cache/files/md5")
    names = sorted(os.path.join(a, b) for a in os.listdir(store) for b in os.listdir(os.path.join(store, a)))
    for name in names:
        content = open(os.path.join(store, name), "rb").read()
        hash_ = name.replace(os.sep, "")
        assert hashlib.md5(content).hexdigest() == hash_[:32]
        ranges = []
        for line in content.decode("utf-8").split("\n"):
            at = places.setdefault(line, len(lines))
            if at == len(lines):
                lines.append(line)
            if ranges and ranges[-2] + ranges[-1] == at:
                ranges[-1] += 1
            else:
                ranges += [at, 1]
        objects[hash_] = ranges
    return {"lines": lines, "objects": objects}


def main():
    source = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.join(scratch, "digits")
        os.mkdir(root)
        commits = record(root, source)
        store = collect_objects(root)
    tags = [{"name": name, "commit": n, "date": date, "message": text} for name, n, date, text in TAGS]
    history = {"author": AUTHOR, "pushed": PUSHED, "commits": commits, "tags": tags}
    with open(os.path.join(MEDIA, "history.json"), "w", newline="") as file:
        file.write(json.dumps(history, indent=2) + "\n")
    packed = json.dumps(store, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    with open(os.path.join(MEDIA, "objects.json.gz"), "wb") as file:
        file.write(gzip.compress(packed, compresslevel=9, mtime=0))
    print(f"{len(store['objects'])} objects, {len(store['lines'])} lines")


main()
