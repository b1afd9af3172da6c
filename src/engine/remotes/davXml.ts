/** What a WebDAV server lists (RFC 4918 §14.16 multistatus), read so that a hostile answer costs little: no document type, no entities of its own. */

import { XMLParser } from 'fast-xml-parser';

/** A name in a folder of the server. */
export interface DavEntry {
  /** One part of a path, decoded. */
  readonly name: string;
  readonly folder: boolean;
  readonly size: number | undefined;
  /** Last change in milliseconds since 1970, where the server tells it. */
  readonly modified?: number;
}

/** The body of a PROPFIND that asks for what {@link parseListing} reads. */
export const PROPFIND =
  '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>';

/** Parsed XML: text, or children by name. */
type Xml = string | number | { readonly [name: string]: Xml | readonly Xml[] | undefined };

const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: 30,
  isArray: (name) => name === 'response' || name === 'propstat',
});

/**
 * The entries of the folder at `url` in an answer to PROPFIND with depth 1: direct children only, the folder itself left out. Undefined when the
 * text is no such answer, is cut short, or brings entities.
 */
export function parseListing(text: string, url: URL): DavEntry[] | undefined {
  const responses = responsesIn(text);
  if (!responses) return undefined;
  const entries: DavEntry[] = [];
  for (const response of responses) {
    const name = childName(textOf(child(response, 'href')), url);
    const props = propsOf(response);
    if (name === undefined || props.length === 0) continue;
    const size = props.map((prop) => textOf(child(prop, 'getcontentlength'))).find((length) => /^\d+$/.test(length));
    entries.push({
      name,
      folder: isCollection(props),
      size: size === undefined ? undefined : Number(size),
      ...dated(props),
    });
  }
  return entries;
}

/** True when an answer to PROPFIND with depth 0 is about a folder. */
export function tellsFolder(text: string): boolean {
  const [about] = responsesIn(text) ?? [];
  return about !== undefined && isCollection(propsOf(about));
}

function responsesIn(text: string): readonly Xml[] | undefined {
  // Nothing here needs either, and they are what XML bombs are made of.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let root: Xml;
  try {
    root = parser.parse(text, true) as Xml;
  } catch {
    return undefined;
  }
  const answer = child(root, 'multistatus');
  return answer === undefined ? undefined : children(answer, 'response');
}

/** What is said of one name: properties that it has. */
function propsOf(response: Xml): readonly Xml[] {
  const found = children(response, 'propstat').filter((one) => / 200\b/.test(textOf(child(one, 'status'))));
  return found.map((one) => child(one, 'prop')).filter((one) => one !== undefined);
}

function isCollection(props: readonly Xml[]): boolean {
  return props.some((prop) => child(child(prop, 'resourcetype') ?? '', 'collection') !== undefined);
}

function dated(props: readonly Xml[]): { modified?: number } {
  const dates = props.map((prop) => Date.parse(textOf(child(prop, 'getlastmodified'))));
  const modified = dates.find((date) => !Number.isNaN(date));
  return modified === undefined ? {} : { modified };
}

function children(of: Xml, name: string): readonly Xml[] {
  const found = typeof of === 'object' && Object.hasOwn(of, name) ? of[name] : undefined;
  if (found === undefined) return [];
  return Array.isArray(found) ? (found as readonly Xml[]) : [found as Xml];
}

function child(of: Xml, name: string): Xml | undefined {
  return children(of, name)[0];
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with the entities that every XML has. */
function textOf(of: Xml | undefined): string {
  if (typeof of !== 'string') return typeof of === 'number' ? String(of) : '';
  return of.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** The name of a direct child of the folder, from its address or path. */
function childName(href: string, url: URL): string | undefined {
  if (href === '' || !URL.canParse(href, url.href)) return undefined;
  const [path, base] = [new URL(href, url.href), url].map((one) => decodedParts(one.pathname));
  if (!path || !base || path.length !== base.length + 1 || base.some((part, n) => part !== path[n])) return undefined;
  const name = path.at(-1) ?? '';
  return name === '.' || name === '..' || /[/\\]/.test(name) ? undefined : name;
}

function decodedParts(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
