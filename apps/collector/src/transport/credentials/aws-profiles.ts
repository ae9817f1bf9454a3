export type AwsProfile = Readonly<Partial<Record<string, string>>>;
export type AwsProfiles = ReadonlyMap<string, AwsProfile>;

/** The profiles of AWS's `config` and `credentials` files; what both say, `credentials` decides. */
export function parseAwsProfiles(config: string, credentials: string): AwsProfiles {
  const profiles = new Map<string, Record<string, string>>();
  const add = (text: string, profileName: (section: string) => string | undefined) => {
    for (const [section, fields] of sections(text)) {
      const name = profileName(section);
      if (name !== undefined) profiles.set(name, { ...profiles.get(name), ...fields });
    }
  };
  add(config, (section) => (section === "default" ? section : /^profile\s+(.+)$/.exec(section)?.[1]?.trim()));
  add(credentials, (section) => section);
  return profiles;
}

function sections(text: string): [string, Record<string, string>][] {
  const found: [string, Record<string, string>][] = [];
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (heading !== undefined) found.push([heading.trim(), Object.create(null)]);
    // Indented lines belong to nested settings (`s3 =`), which say nothing of credentials.
    const [, key, value] = /^([A-Za-z_][\w-]*)\s*=\s*(.*?)\s*(?:\s[#;].*)?$/.exec(line) ?? [];
    const fields = found.at(-1)?.[1];
    if (key !== undefined && value !== undefined && fields !== undefined) fields[key.toLowerCase()] = value;
  }
  return found;
}
