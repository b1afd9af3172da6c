/**
 * The AWS configuration file (`~/.aws/config`), as far as it tells where a place is: region, endpoint, style of addresses, certificates.
 * Keys and roles are read by the SDK's own chain. Pure.
 */

/** Settings of one profile; those below another (`s3 =`) are named `s3.addressing_style`. */
export type AwsProfile = ReadonlyMap<string, string>;

/** Sections by their written name: `default`, `profile x`, `services y`. Lines that are none of the format's are passed over. */
export function parseAwsConfig(text: string): ReadonlyMap<string, AwsProfile> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let above = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\[([^\]]*)\]/.exec(line)?.[1]?.trim();
    if (head !== undefined) {
      const name = head.replace(/\s+/g, ' ').replaceAll('"', '');
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      above = '';
      continue;
    }
    const pair = /^(\s*)([^=\s]+)\s*=(.*)$/.exec(line);
    if (!pair) continue;
    const [, indent = '', key = '', written = ''] = pair;
    const value = withoutNote(written.trim());
    if (indent !== '' && above !== '') section.set(`${above}.${key}`, value);
    else section.set(key, value);
    if (indent === '') above = value === '' ? key : '';
  }
  return sections;
}

/** A value without the comment behind it. */
function withoutNote(value: string): string {
  const note = value.search(/\s[#;]/);
  return note < 0 ? value : value.slice(0, note).trim();
}

/** A profile by name; its service section may give an `endpoint_url` for S3, which goes first. Empty when it is absent. */
export function profileIn(config: ReadonlyMap<string, AwsProfile>, name: string): AwsProfile {
  const own = config.get(`profile ${name}`) ?? (name === 'default' ? config.get('default') : undefined);
  const profile = new Map(own ?? []);
  const services = config.get(`services ${profile.get('services') ?? ''}`);
  const endpoint = services?.get('s3.endpoint_url');
  if (endpoint !== undefined) profile.set('endpoint_url', endpoint);
  return profile;
}
