/**
 * Random numbers that are the same on every machine for the same seed: xoshiro128** (Blackman & Vigna 2018), its state filled from
 * the seed by splitmix32. For resampling, not for secrets.
 */

/** A source of integers in [0, 2³²). */
export type Random = () => number;

/** Makes a source from an integer seed. */
export function seeded(seed: number): Random {
  let mix = seed >>> 0;
  const word = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let x = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return x ^ (x >>> 15);
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  return () => {
    const spun = Math.imul(b, 5);
    const result = Math.imul((spun << 7) | (spun >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}
