"""What the real DVC makes of templates and of params files: one line of JSON in, one line out, in one process.

In: {"files": {path: text}, "config": {"bool": ..., "list": ...}}, with a dvc.yaml among the files: its stages, sections and used values;
{"params": path, "text": text}: what that file holds. Out: {"value": ...}, or {"error": words} where DVC refuses. Values bear their Python types.
"""

import datetime
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from types import SimpleNamespace

from dvc.fs import LocalFileSystem
from dvc.parsing import DataResolver
from dvc.schema import COMPILED_MULTI_STAGE_SCHEMA
from dvc.utils import strictyaml
from dvc.utils.serialize import PARSERS

warnings.simplefilter("ignore")
logging.getLogger("dvc").setLevel(logging.CRITICAL)
FS = LocalFileSystem()


def typed(value):
    """A value as JSON that tells ints from floats, tuples from lists, and keeps the order of maps."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(typed, value)]
    if isinstance(value, dict):
        return ["dict", *([key_of(key), typed(item)] for key, item in value.items())]
    if isinstance(value, (datetime.date, datetime.time)):
        return ["other", "date"]
    return ["other", len(value) if isinstance(value, set) else repr(value)]


def key_of(key):
    return ["other", repr(key)] if isinstance(key, tuple) else typed(key)


def resolve(files, config):
    for path, text in files.items():
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    data, _ = strictyaml.load("dvc.yaml", COMPILED_MULTI_STAGE_SCHEMA, FS)
    repo = SimpleNamespace(fs=FS, config={"parsing": config})
    resolver = DataResolver(repo, os.getcwd(), data)
    names = list(resolver.get_keys())
    stages = {name: resolver.resolve_one(name)[name] for name in names}
    sections = {
        "params": resolver.resolve_params(),
        "metrics": resolver.resolve_metrics(),
        "plots": resolver.resolve_plots(),
        "artifacts": resolver.resolve_artifacts(),
        "datasets": resolver.resolve_datasets(),
    }
    used = {name: {file: dict(values) for file, values in by.items()} for name, by in resolver.tracked_vars.items()}
    return {
        "stages": typed(stages),
        "sections": typed({name: section for name, section in sections.items() if section}),
        "used": typed({name: by for name, by in used.items() if by}),
    }


def answer(asked):
    if "params" in asked:
        suffix = os.path.splitext(asked["params"])[1]
        return typed(PARSERS[suffix](asked["text"], asked["params"]))
    return resolve(asked["files"], asked["config"])


def main():
    home = tempfile.mkdtemp(prefix="strata resolve ")
    try:
        for n, line in enumerate(sys.stdin):
            folder = os.path.join(home, str(n))
            os.mkdir(folder)
            os.chdir(folder)
            try:
                out = {"value": answer(json.loads(line))}
            except BaseException as exc:
                out = {"error": f"{type(exc).__name__}: {exc}"}
            os.chdir(home)
            shutil.rmtree(folder)
            print(json.dumps(out), flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)


main()
