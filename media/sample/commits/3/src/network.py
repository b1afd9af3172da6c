"""A network with one hidden layer, in plain Python.

Only + - * / and the square root are used on the way to the weights, in a fixed order, so that the same parameters on the
same data give the same model, digit for digit, with any Python on any machine. (That is why exp is written out below:
the one of the C library differs in the last digit between systems; and why nothing uses sum(): Python 3.12 changed it.)
"""
import json
import math
import random

CLASSES, PIXELS = 10, 64
LOG2E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10


def exp(x):
    """e to the x: x = k ln 2 + r with |r| <= ln 2 / 2, then the Taylor polynomial of r by Horner, times 2 to the k."""
    if not x > -700.0:
        return 0.0 if x <= -700.0 else x  # far below one is nothing; NaN stays NaN and shows in the curves
    k = math.floor(x * LOG2E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    value = 1.0
    for n in range(13, 0, -1):
        value = 1.0 + value * r / n
    return math.ldexp(value, k)


class Network:
    """ink -> ReLU(ink · w1 + b1) -> softmax(hidden · w2 + b2)."""

    def __init__(self, w1, b1, w2, b2):
        self.w1, self.b1, self.w2, self.b2 = w1, b1, w2, b2

    @staticmethod
    def start(hidden, seed):
        """Random small weights (uniform, Glorot's range)."""
        dice = random.Random(seed)

        def layer(rows, columns):
            reach = math.sqrt(6.0 / (rows + columns))
            return [[(2.0 * dice.random() - 1.0) * reach for _ in range(columns)] for _ in range(rows)]

        return Network(layer(PIXELS, hidden), [0.0] * hidden, layer(hidden, CLASSES), [0.0] * CLASSES)

    def forward(self, ink):
        """The hidden layer and the probability of each class."""
        total = self.b1
        for pixel, value in ink:
            total = [t + value * w for t, w in zip(total, self.w1[pixel])]
        hidden = [t if t > 0.0 else 0.0 for t in total]
        score = self.b2
        for value, row in zip(hidden, self.w2):
            if value > 0.0:
                score = [s + value * w for s, w in zip(score, row)]
        top = max(score)
        powers = [exp(s - top) for s in score]
        total = 0.0
        for power in powers:
            total += power
        return hidden, [power / total for power in powers]

    def learn(self, batch, rate, decay):
        """One step of gradient descent on the mean cross-entropy of a batch; returns its losses and hits."""
        g1, gb1 = {}, [0.0] * len(self.b1)
        g2, gb2 = [[0.0] * CLASSES for _ in self.w2], [0.0] * CLASSES
        loss, hits = 0.0, 0
        for _, ink, label in batch:
            hidden, chance = self.forward(ink)
            loss -= math.log(max(chance[label], 1e-12))
            hits += chance.index(max(chance)) == label
            slope = chance[:]
            slope[label] -= 1.0
            gb2 = [g + s for g, s in zip(gb2, slope)]
            back = []
            for h, (value, row) in enumerate(zip(hidden, self.w2)):
                if value <= 0.0:
                    back.append(0.0)
                    continue
                g2[h] = [g + value * s for g, s in zip(g2[h], slope)]
                total = 0.0
                for s, w in zip(slope, row):
                    total += s * w
                back.append(total)
            gb1 = [g + b for g, b in zip(gb1, back)]
            for pixel, value in ink:
                old = g1.get(pixel)
                g1[pixel] = [value * b for b in back] if old is None else [g + value * b for g, b in zip(old, back)]
        step, keep = rate / len(batch), 1.0 - rate * decay
        for pixel in sorted(g1):
            self.w1[pixel] = [w * keep - step * g for w, g in zip(self.w1[pixel], g1[pixel])]
        self.w2 = [[w * keep - step * g for w, g in zip(row, grad)] for row, grad in zip(self.w2, g2)]
        self.b1 = [b - step * g for b, g in zip(self.b1, gb1)]
        self.b2 = [b - step * g for b, g in zip(self.b2, gb2)]
        return loss, hits

    def save(self, path):
        """Writes the weights as JSON, five decimals, one row of a matrix a line."""

        def row(values):
            return json.dumps([round(v, 5) + 0.0 for v in values], separators=(",", ":"))

        def rows(matrix):
            return "[\n  " + ",\n  ".join(row(values) for values in matrix) + "\n ]"

        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(f'{{\n "kind": "mlp",\n "layers": [{PIXELS}, {len(self.b1)}, {CLASSES}],\n')
            file.write(f' "w1": {rows(self.w1)},\n "b1": {row(self.b1)},\n')
            file.write(f' "w2": {rows(self.w2)},\n "b2": {row(self.b2)}\n}}\n')

    @staticmethod
    def load(path):
        """Reads what save wrote."""
        with open(path, encoding="utf-8") as file:
            model = json.load(file)
        return Network(model["w1"], model["b1"], model["w2"], model["b2"])
