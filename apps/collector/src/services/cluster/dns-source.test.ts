import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import { dnsSource, type NameService, parseJoinAddress } from "./dns-source.ts";

class Names implements NameService {
  readonly hosts = new Map<string, string[]>([
    ["alloy.ns.svc", ["10.0.0.1", "10.0.0.2"]],
    ["a.example", ["10.1.0.1"]],
    ["b.example", ["fd00::1"]],
  ]);
  readonly records = new Map([["_http._tcp.alloy", ["a.example", "b.example"]]]);

  async addresses(name: string) {
    return this.hosts.get(name) ?? Promise.reject(new Error(`getaddrinfo ENOTFOUND ${name}`));
  }

  async services(name: string) {
    const found = this.records.get(name);
    if (found === undefined) throw new Error(`querySrv ENOTFOUND ${name}`);
    return found.map((each) => ({ name: each, port: 1 }));
  }
}

async function watch(text: string, refreshMs = 60_000) {
  const clock = new FakeClock();
  const names = new Names();
  const told: string[] = [];
  const source = dnsSource(text.split(",").map(parseJoinAddress), { names, clock, defaultPort: 12345, refreshMs });
  const stop = source.start({
    found: (addresses) => told.push(addresses.join(" ")),
    failed: (reason) => told.push(`! ${reason}`),
  });
  await clock.advance(0);
  return { clock, names, told, stop };
}

const cases: readonly (readonly [join: string, found: string])[] = [
  ["10.0.0.9", "10.0.0.9:12345"],
  ["10.0.0.9:80,[fd00::9]:81", "10.0.0.9:80 [fd00::9]:81"],
  ["fd00::9", "[fd00::9]:12345"],
  ["alloy.ns.svc", "10.0.0.1:12345 10.0.0.2:12345"],
  ["dns+alloy.ns.svc:99", "10.0.0.1:99 10.0.0.2:99"],
  ["dnssrv+_http._tcp.alloy", "10.1.0.1:12345 [fd00::1]:12345"],
  ["dnssrvnoa+_http._tcp.alloy:99", "a.example:99 b.example:99"],
  ["_http._tcp.alloy", "10.1.0.1:12345 [fd00::1]:12345"],
];

for (const [join, found] of cases)
  test(`${join} leads to ${found}`, async () => {
    const { told, stop } = await watch(join);
    stop();
    assert.deepEqual(told, [found]);
  });

test("looks names up again, and goes on for ever where they can't be resolved", async () => {
  const { clock, names, told, stop } = await watch("late.example");
  assert.deepEqual(told, ["! failed to resolve join addresses: late.example: getaddrinfo ENOTFOUND late.example"]);
  await clock.advance(3_600_000);
  names.hosts.set("late.example", ["10.9.9.9"]);
  await clock.advance(5_000);
  assert.equal(told.at(-1), "10.9.9.9:12345");
  names.hosts.set("late.example", ["10.9.9.8"]);
  await clock.advance(5_000);
  assert.equal(told.at(-1), "10.9.9.8:12345");
  stop();
  const count = told.length;
  await clock.advance(60_000);
  assert.equal(told.length, count);
});

test("keeps what a name led to while it can't be resolved", async () => {
  const { clock, names, told, stop } = await watch("alloy.ns.svc,a.example");
  names.hosts.delete("alloy.ns.svc");
  await clock.advance(5_000);
  assert.equal(told.at(-2), "10.0.0.1:12345 10.0.0.2:12345 10.1.0.1:12345");
  assert.match(told.at(-1) ?? "", /^! failed to resolve join addresses: alloy.ns.svc:/);
  stop();
});

test("looks up once where a rejoin interval of 0 says so", async () => {
  const { clock, names, told, stop } = await watch("a.example", 0);
  names.hosts.set("a.example", ["10.1.0.2"]);
  await clock.advance(120_000);
  assert.deepEqual(told, ["10.1.0.1:12345"]);
  stop();
});
