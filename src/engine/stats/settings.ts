/** How a comparison is to be made: options, and their defaults. */

/** Whether more or less of the metric is better. */
export type Goal = 'max' | 'min';

/** How a comparison is to be made; every field has the default named here. */
export interface StatsOptions {
  /** 1 - alpha is the level of the interval; 0.05. */
  readonly alpha?: number;
  /** Wanted probability of seeing a true difference of `mde`; 0.8. */
  readonly power?: number;
  /** The smallest difference that matters, in the metric's unit; none. */
  readonly margin?: number | null;
  /** `max`. */
  readonly goal?: Goal;
  /** Seed of the random methods; 1. */
  readonly seed?: number;
}

/** Options with every default filled in. */
export type Settings = Required<Omit<StatsOptions, 'margin'>> & { readonly margin: number | null };

/** Fills in the defaults of §2 of the statistics format: alpha 0.05, power 0.8, goal max, no margin, seed 1. */
export function settings(options: StatsOptions): Settings {
  const { alpha = 0.05, power = 0.8, margin = null, goal = 'max', seed = 1 } = options;
  return { alpha, power, margin, goal, seed };
}
