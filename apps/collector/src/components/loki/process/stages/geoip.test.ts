import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { extractedFrom, faultsOf, processed } from "../pipeline-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "geoip-"));
after(() => rmSync(folder, { recursive: true }));

const record = {
  city: { names: { en: "Kansas City", de: "X" } },
  country: { iso_code: "US", names: { en: "United States" } },
  continent: { code: "NA", names: { en: "North America" } },
  location: { latitude: 39.1027, longitude: -94.5778, time_zone: "America/Chicago" },
  postal: { code: "64184" },
  subdivisions: [
    { iso_code: "US", names: { en: "Outer" } },
    { iso_code: "MO", names: { en: "Missouri" } },
  ],
  autonomous_system_number: 396982,
  autonomous_system_organization: "GOOGLE-CLOUD-PLATFORM",
  MyCompany: { DeptName: "sales" },
};
const db = join(folder, "test.mmdb");
writeFileSync(db, database(record));

const stages = (args: string) =>
  `stage.json {\n expressions = { ip = "client_ip" }\n}\nstage.geoip {\n source = "ip"\n db = "${db}"\n${args}\n}`;
const line = '{} {"client_ip":"34.120.177.193"}';
const country = {
  geoip_continent_code: "NA",
  geoip_continent_name: "North America",
  geoip_country_code: "US",
  geoip_country_name: "United States",
};

test("an address becomes what the database knows of it", () => {
  const { ip: _, ...city } = extractedFrom(stages('db_type = "city"'), line);
  assert.deepEqual(city, {
    ...country,
    geoip_city_name: "Kansas City",
    geoip_location_latitude: 39.1027,
    geoip_location_longitude: -94.5778,
    geoip_postal_code: "64184",
    geoip_subdivision_code: "MO",
    geoip_subdivision_name: "Missouri",
    geoip_timezone: "America/Chicago",
  });
  const { ip: __, ...asn } = extractedFrom(stages('db_type = "asn"'), line);
  assert.deepEqual(asn, { geoip_autonomous_system_number: 396982, geoip_autonomous_system_organization: "GOOGLE-CLOUD-PLATFORM" });
  const { ip: ___, ...lands } = extractedFrom(stages('db_type = "country"'), line);
  assert.deepEqual(lands, country);
});

test("anything in the record is found by JMESPath", async () => {
  const { ip: _, ...found } = extractedFrom(
    stages('custom_lookups = { department = "MyCompany.DeptName", none = "a.b", postal = "" }'),
    line,
  );
  assert.deepEqual(found, { department: "sales", postal: { code: "64184" } });
  const labelled = `${stages('db_type = "asn"')}\nstage.labels {\n values = { geoip_autonomous_system_number = "" }\n}`;
  assert.match((await processed(labelled, line))[0] ?? "", /geoip_autonomous_system_number="396982"/);
});

test("what is no address, or not in the database, extracts nothing", () => {
  for (const ip of ["nonsense", "200.1.1.1", "", "::1"])
    assert.deepEqual(extractedFrom(stages('db_type = "city"'), `{} {"client_ip":"${ip}"}`), { ip });
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ['db = ""\nsource = "a"\ndb_type = "city"', /db path cannot be empty/],
    ['db = "x"\nsource = ""\ndb_type = "city"', /source cannot be empty/],
    ['db = "x"\nsource = "a"', /db type or values need to be set/],
    ['db = "x"\nsource = "a"\ncustom_lookups = { a = ".@" }', /could not compile JMES expression/],
  ];
  for (const [args, message] of cases) assert.match(faultsOf(`stage.geoip {\n${args}\n}`), message, args);
  assert.throws(
    () => extractedFrom('stage.geoip {\n db = "/none/at/all"\n source = "a"\n db_type = "city"\n}', "{} x"),
    /stage.geoip: ENOENT: no such file or directory/,
  );
});

/**
 * The smallest MaxMind database with one record: for IPv4 addresses whose first bit is 0.
 *
 *     node 0: left -> record, right -> "not found"  |  16 zero bytes  |  record  |  marker, metadata
 */
function database(value: unknown): Buffer {
  const nodes = 1;
  const tree = Buffer.alloc(6);
  tree.writeUIntBE(nodes + 16, 0, 3);
  tree.writeUIntBE(nodes, 3, 3);
  const metadata = {
    node_count: nodes,
    record_size: 24,
    ip_version: 4,
    database_type: "Test",
    languages: ["en"],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    description: { en: "test" },
  };
  return Buffer.concat([tree, Buffer.alloc(16), encode(value), Buffer.from("\xab\xcd\xefMaxMind.com", "latin1"), encode(metadata)]);
}

/** A type in the high 3 bits of a control byte, or behind it where it is above 7, then the size, then the value. */
function encode(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "number" && !Number.isInteger(value)) {
    const double = Buffer.alloc(8);
    double.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), double]);
  }
  if (typeof value === "number") {
    const whole = Buffer.alloc(4);
    whole.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), whole]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value as object);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, inner]) => [encode(key), encode(inner)])]);
}

function control(type: number, size: number): Buffer {
  const [low, more] = size < 29 ? [size, []] : [29, [size - 29]];
  return Buffer.from(type > 7 ? [low, type - 7, ...more] : [(type << 5) | low, ...more]);
}
