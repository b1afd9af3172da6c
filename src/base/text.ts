/**
 * Sentences from codes: one renderer for the editor, the webviews and the command line, so that each text exists once per language.
 * Bundles come from `l10n/<language>/*.json`; a message is a string, or its plural forms chosen by the number `n`.
 */

/**
 * A message with `{name}` places, or plural forms by `Intl.PluralRules` category (`other` always there). `{name:digits}` writes a
 * number with exactly as many decimals as the data's `digits` says, `{name:+digits}` with its sign too: `+1.80`; `{name:bytes}` as a
 * size: `1.9 GB`.
 */
export type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** All messages of one language by key. */
export type Bundle = Readonly<Record<string, Message>>;

/** What a message may be filled with. Numbers are written in the user's locale, strings as they are. */
export type TextData = Readonly<Record<string, string | number | boolean | undefined>>;

/** Renders messages of one language. */
export interface Text {
  /** Language tag such as `en` or `es`; also the locale of numbers. */
  readonly language: string;
  /** The message of `key` filled with `data`; an unknown key is shown as itself. */
  t(key: string, data?: TextData): string;
  /** True when there is a message for `key`. */
  has(key: string): boolean;
  /** A number in the locale, with at most `digits` decimals (3 unless told). */
  number(value: number, digits?: number): string;
  /** Bytes in decimal units, as file managers show them: `1.9 GB`. */
  size(bytes: number): string;
  /** A duration in words of one or two parts: `42 s`, `3 min 5 s`. */
  duration(seconds: number): string;
  /** A moment (milliseconds since 1970) as date and time. */
  date(ms: number): string;
}

/** Builds the renderer; `fallback` serves keys that `bundle` lacks. */
export function createText(language: string, bundle: Bundle, fallback: Bundle = bundle): Text {
  const plural = new Intl.PluralRules(language);
  const numbers = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 3): string => {
    let format = numbers.get(digits);
    if (!format) numbers.set(digits, (format = new Intl.NumberFormat(language, { maximumFractionDigits: digits })));
    return format.format(value);
  };
  const choose = (message: Message, n: unknown): string => {
    if (typeof message === 'string') return message;
    return (typeof n === 'number' ? message[plural.select(n)] : undefined) ?? message.other;
  };
  const exact = (value: number, digits: unknown, sign: string): string => {
    const decimals = Math.min(20, Math.max(0, typeof digits === 'number' ? digits : 0));
    const signDisplay = sign === '+' ? 'exceptZero' : 'auto';
    const shape = { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay } as const;
    return new Intl.NumberFormat(language, shape).format(value);
  };
  const fill = (message: string, data: TextData): string =>
    message.replace(/\{(\w+)(?::(\+?)(\w+))?\}/g, (place, name: string, sign = '', digits?: string) => {
      const value = data[name];
      if (value === undefined) return place;
      if (typeof value !== 'number') return String(value);
      if (digits === 'bytes') return formatSize(value, number);
      return digits === undefined ? number(value) : exact(value, data[digits], String(sign));
    });
  return {
    language,
    t: (key, data = {}) => {
      const message = bundle[key] ?? fallback[key];
      return message === undefined ? key : fill(choose(message, data.n), data);
    },
    has: (key) => (bundle[key] ?? fallback[key]) !== undefined,
    number,
    size: (bytes) => formatSize(bytes, number),
    duration: (seconds) => formatDuration(seconds, number),
    date: (ms) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms),
  };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function formatSize(bytes: number, number: (value: number, digits?: number) => string): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, unit === 0 || value >= 99.5 ? 0 : 1)} ${UNITS[unit] ?? ''}`;
}

function formatDuration(seconds: number, number: (value: number, digits?: number) => string): string {
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const rest = minutes % 60;
  const hours = Math.floor(minutes / 60);
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Makes text from files fit for a terminal, a log or a label: control and direction marks become `\uXXXX`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
