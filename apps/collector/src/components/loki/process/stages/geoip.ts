import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { Reader, type Response } from "mmdb-lib";
import { defaulted, many, map, oneOf, optional, required, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { changing, defineStage, textOf } from "../stage.ts";
import { compileJmespath, jmespathError } from "./jmespath.ts";

export const geoip = defineStage(
  many(
    "Looks up where an IP address is, in a MaxMind database.",
    {
      arguments: {
        db: required(string, "The path of the database.", { check: (path) => (path === "" ? "db path cannot be empty" : undefined) }),
        source: required(string, "The extracted value that holds the address.", {
          check: (name) => (name === "" ? "source cannot be empty" : undefined),
        }),
        db_type: defaulted(oneOf("", "city", "asn", "country"), "What the database tells.", ""),
        custom_lookups: optional(map(string), "JMESPath expressions on the whole record, by the names of what they extract."),
      },
    },
    {
      check: (args, report) => {
        if (args.db_type === "" && args.custom_lookups === undefined) report("db type or values need to be set");
        for (const [name, expression] of Object.entries(args.custom_lookups ?? {}))
          if (jmespathError(expression === "" ? name : expression) !== undefined)
            report("could not compile JMES expression", "custom_lookups");
      },
    },
  ),
  (args, { names, log }) => {
    const source = names.reads(args.source);
    const reader = openDatabase(args.db);
    const lookups = Object.entries(args.custom_lookups ?? {}).map(([name, expression]) => ({
      slot: names.slot(name),
      search: compileJmespath(expression === "" ? name : expression),
    }));
    return changing((frame, row) => {
      const address = textOf(frame.extracted.get(row, source));
      if (address === undefined) return;
      const version = isIP(address);
      // A database of IPv4 addresses would read the first bits of any other.
      if (version === 0 || (version === 6 && reader.metadata.ipVersion === 4)) {
        log.debug("source is not an ip", { source: args.source });
        return;
      }
      const record = reader.get(address) as unknown as GeoRecord | null;
      if (record === null) return;
      if (args.db_type === "city") extractCity(frame, row, record);
      else if (args.db_type === "asn") extractNetwork(frame, row, record);
      else if (args.db_type === "country") extractCountry(frame, row, record);
      for (const { slot, search } of lookups) {
        const found = search(record);
        if (found !== null && found !== undefined) frame.extracted.set(row, slot, found);
      }
    });
  },
);

interface Place {
  readonly names?: Readonly<Record<string, string>>;
  readonly iso_code?: string;
  readonly code?: string;
}

interface GeoRecord {
  readonly city?: Place;
  readonly country?: Place;
  readonly continent?: Place;
  readonly subdivisions?: readonly Place[];
  readonly postal?: { readonly code?: string };
  readonly location?: { readonly latitude?: number; readonly longitude?: number; readonly time_zone?: string };
  readonly autonomous_system_number?: number;
  readonly autonomous_system_organization?: string;
}

function openDatabase(path: string): Reader<Response> {
  try {
    return new Reader<Response>(readFileSync(path));
  } catch (error) {
    throw new Error(`invalid stage config stage.geoip: ${(error as Error).message}`);
  }
}

function extractCountry(frame: Frame, row: number, { country, continent }: GeoRecord): void {
  put(frame, row, "geoip_country_name", country?.names?.en);
  put(frame, row, "geoip_country_code", country?.iso_code);
  put(frame, row, "geoip_continent_name", continent?.names?.en);
  put(frame, row, "geoip_continent_code", continent?.code);
}

function extractCity(frame: Frame, row: number, record: GeoRecord): void {
  const { city, postal, location, subdivisions } = record;
  extractCountry(frame, row, record);
  put(frame, row, "geoip_city_name", city?.names?.en);
  put(frame, row, "geoip_postal_code", postal?.code);
  put(frame, row, "geoip_timezone", location?.time_zone);
  const { latitude = 0, longitude = 0 } = location ?? {};
  if (latitude !== 0 || longitude !== 0) {
    frame.extracted.setNamed(row, "geoip_location_latitude", latitude);
    frame.extracted.setNamed(row, "geoip_location_longitude", longitude);
  }
  // The last is the most specific.
  put(frame, row, "geoip_subdivision_name", subdivisions?.at(-1)?.names?.en);
  put(frame, row, "geoip_subdivision_code", subdivisions?.at(-1)?.iso_code);
}

function extractNetwork(frame: Frame, row: number, record: GeoRecord): void {
  put(frame, row, "geoip_autonomous_system_number", record.autonomous_system_number);
  put(frame, row, "geoip_autonomous_system_organization", record.autonomous_system_organization);
}

function put(frame: Frame, row: number, name: string, value: string | number | undefined): void {
  if (value !== undefined && value !== "" && value !== 0) frame.extracted.setNamed(row, name, value);
}
