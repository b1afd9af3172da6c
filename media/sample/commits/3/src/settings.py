"""params.yaml and the table of images, with nothing but the standard library."""


def read_params(path="params.yaml"):
    """Reads the simple YAML of params.yaml: sections at the margin, `key: number` below them. Comments are skipped."""
    params, section = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = line.split("#", 1)[0].rstrip()
            if not text:
                continue
            key, _, value = text.strip().partition(":")
            if not text.startswith(" "):
                section = params.setdefault(key, {})
            else:
                section[key] = number(value.strip())
    return params


def number(text):
    """An int where the text is one, else a float, else the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def read_images(path):
    """Rows of a CSV as (id, [(pixel, ink 0..1)] for the pixels that hold ink, label)."""
    images = []
    with open(path, encoding="utf-8", newline="") as file:
        for row in file.read().splitlines()[1:]:
            name, *pixels, label = row.split(",")
            images.append((name, [(i, int(v) / 16) for i, v in enumerate(pixels) if v != "0"], int(label)))
    return images
