/** Numbers as the page writes them: in the user's locale, with as many digits as carry meaning. */

import { type Text } from '../../src/base/text';

const cache = new Map<string, Intl.NumberFormat>();

function format(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let made = cache.get(key);
  if (!made) cache.set(key, (made = new Intl.NumberFormat(language, options)));
  return made;
}

/** A measured value with `digits` significant digits: `0.9142`, `1.2E-5`, `NaN`, `∞`. */
export function formatValue(text: Text, value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const scientific = size !== 0 && (size < 1e-4 || size >= 1e9);
  if (scientific) {
    return format(text.language, { notation: 'scientific', maximumSignificantDigits: digits }).format(value);
  }
  const whole = size >= 10 ** digits;
  return whole
    ? format(text.language, { maximumFractionDigits: 0 }).format(value)
    : format(text.language, { maximumSignificantDigits: digits }).format(value);
}

/** The same with its sign always there, for differences: `+0.018`, `−0.002`, `0`. */
export function formatDelta(text: Text, value: number, digits = 3): string {
  const size = formatValue(text, Math.abs(value), digits);
  if (Number.isNaN(value) || value === 0) return size;
  return `${value > 0 ? '+' : '−'}${size}`;
}

/** How long ago a moment was, in words: `2 s ago`. `now` and `then` in milliseconds. */
export function formatAgo(text: Text, then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  const relative = new Intl.RelativeTimeFormat(text.language, { numeric: 'always', style: 'short' });
  if (seconds < 60) return relative.format(-seconds, 'second');
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), 'minute');
  if (seconds < 86400) return relative.format(-Math.round(seconds / 3600), 'hour');
  return relative.format(-Math.round(seconds / 86400), 'day');
}
