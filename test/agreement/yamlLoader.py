"""Reads many YAML documents with the real DVC's loader: a JSON list of texts on stdin, a JSON list of answers on stdout.

A text is given to the loader as DVC gives it: with the line ends that Python's text files have. An answer is {"ok": value} with the types of Python
beside what JSON cannot tell apart, or {"no": name of the exception}. Values: null, booleans and text as they are; ["int", digits],
["float", repr], ["date", isoformat], ["bytes", hex], ["list", [...]], ["tuple", [...]], ["set", [...]], ["map", [[key, value], ...]], ["cycle"].
"""

import datetime
import io
import json
import sys
import warnings

from dvc.utils.serialize import parse_yaml
from ruamel.yaml import YAML

warnings.simplefilter("ignore")
sys.set_int_max_str_digits(0)


def encode(value, above=()):
    """A value as JSON; what holds itself is a cycle."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if id(value) in above:
        return ["cycle"]
    inside = (*above, id(value))
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ["date", value.isoformat()]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, dict):
        return ["map", [[encode(k, inside), encode(v, inside)] for k, v in value.items()]]
    for kind in (list, tuple, set):
        if isinstance(value, kind):
            return [kind.__name__, [encode(item, inside) for item in value]]
    return ["other", type(value).__name__]


def load(text):
    """The answer to one text. What is empty, zero or false as a whole DVC takes for an empty map."""
    read = io.StringIO(text, newline=None).read()
    sys.set_int_max_str_digits(4300)
    try:
        value = YAML(typ="safe").load(read)
        assert parse_yaml(read, "x.yaml") == (value or {}) or value != value or "nan" in repr(value).lower()
    except Exception as error:  # noqa: BLE001
        return {"no": type(error).__name__}
    finally:
        sys.set_int_max_str_digits(0)
    return {"ok": encode(value)}


json.dump([load(text) for text in json.load(sys.stdin)], sys.stdout)
