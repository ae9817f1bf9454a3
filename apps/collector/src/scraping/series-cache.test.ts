import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Budget } from "../delivery/budget.ts";
import { sortedLabels } from "../signals/prometheus/label-encoding.ts";
import { SeriesTable } from "../signals/prometheus/series-table.ts";
import { NO_ENTRY, SeriesCache } from "./series-cache.ts";

/** A target whose series are named by their keys; a key `x'` is another spelling of `x`. */
class Target {
  readonly table = new SeriesTable();
  readonly budget = new Budget(1e9);
  readonly cache = new SeriesCache(this.table, this.budget);

  /** Scrapes "a b c" and returns the series that have ended; `-a` is exposed with a timestamp and not tracked. */
  scrape(exposed: string): string {
    const tracked: number[] = [];
    for (const word of exposed.split(" ").filter((word) => word !== "")) {
      const key = Buffer.from(word.replace("-", ""));
      const found = this.cache.find(key, 0, key.length);
      const entry = found !== NO_ENTRY ? found : this.cache.add(key, 0, key.length, this.#series(key.toString().replace("'", "")));
      this.cache.see(entry);
      if (!word.startsWith("-")) tracked.push(entry);
    }
    return this.#names(this.cache.succeed(tracked));
  }

  fail(): string {
    return this.#names(this.cache.fail());
  }

  #series(name: string): number {
    return this.table.internLabels(sortedLabels([["__name__", name]]));
  }

  #names(ids: number[]): string {
    return ids
      .map((id) => this.table.labelsOf(id).values[0])
      .sort()
      .join(" ");
  }
}

const stories: [title: string, steps: [exposed: string | null, ended: string][]][] = [
  [
    "what is no longer exposed has ended, once",
    [
      ["a b c", ""],
      ["a c", "b"],
      ["a c", ""],
      ["", "a c"],
    ],
  ],
  [
    "what comes back ends again",
    [
      ["a", ""],
      ["", "a"],
      ["a", ""],
      ["", "a"],
    ],
  ],
  [
    "a failed scrape ends all, once",
    [
      ["a b", ""],
      [null, "a b"],
      [null, ""],
      ["a", ""],
      ["", "a"],
    ],
  ],
  [
    "another spelling is the same series",
    [
      ["a b", ""],
      ["a' b", ""],
      ["b", "a"],
    ],
  ],
  [
    "series with timestamps do not end",
    [
      ["-a b", ""],
      ["", "b"],
    ],
  ],
  [
    "a series that gets a timestamp has ended as a tracked one",
    [
      ["a b", ""],
      ["-a b", "a"],
    ],
  ],
];

for (const [title, steps] of stories)
  test(title, () => {
    const target = new Target();
    for (const [exposed, ended] of steps) assert.equal(exposed === null ? target.fail() : target.scrape(exposed), ended);
  });

test("seeing an entry twice in one scrape is noticed", () => {
  const { cache, table } = new Target();
  const key = Buffer.from("a");
  const entry = cache.add(key, 0, 1, table.internLabels(sortedLabels([["a", "1"]])));
  assert.equal(cache.see(entry), true);
  assert.equal(cache.see(entry), false);
  cache.succeed([entry]);
  assert.equal(cache.see(entry), true);
});

test("series that only failing scrapes bring are forgotten when they double the cache", () => {
  const { cache, table } = new Target();
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 500; i++) {
      const key = Buffer.from(`${round}/${i}`);
      cache.see(cache.add(key, 0, key.length, table.internLabels(sortedLabels([["a", key.toString()]]))));
    }
    cache.fail();
  }
  assert.ok(cache.size <= 1500, String(cache.size));
  assert.ok(cache.flushes > 0);
});

test("the budget pays for what is cached, and gets it back", () => {
  const target = new Target();
  target.scrape("a b c");
  const { usedBytes } = target.budget;
  assert.ok(usedBytes > 3 * 60, String(usedBytes));
  target.scrape("a");
  assert.ok(target.budget.usedBytes < usedBytes / 2);
  target.cache.clear();
  assert.equal(target.budget.usedBytes, 0);
  target.table.closeBatch(target.table.openBatch());
  target.table.closeBatch(target.table.openBatch());
  assert.equal(target.table.size, 0);
});

test("the cache agrees with sets under random exposure", () => {
  const exposure = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 300 }).map((n) => `key_${"x".repeat(n % 17)}_${n}`)), { freq: 5 });
  fc.assert(
    fc.property(fc.array(exposure, { maxLength: 12 }), (scrapes) => {
      const target = new Target();
      let before = new Set<string>();
      for (const exposed of scrapes) {
        const now = new Set(exposed ?? []);
        const ended = exposed === null ? target.fail() : target.scrape(exposed.join(" "));
        assert.equal(ended, [...before.difference(now)].sort().join(" "));
        assert.equal(target.cache.alive().size, now.size);
        before = now;
      }
    }),
    { numRuns: 100 },
  );
});

test("the budget pays for arrays as they are, filled or not, and growth is paid once", () => {
  const target = new Target();
  target.scrape("a");
  const few = target.budget.usedBytes;
  const names = Array.from({ length: 1000 }, (_, n) => `series${n}`).join(" ");
  target.scrape(names);
  const many = target.budget.usedBytes;
  assert.ok(many - few > 1000 * (28 + "series0".length), String(many - few));
  target.scrape(names);
  assert.equal(target.budget.usedBytes, many);
  target.cache.clear();
  assert.equal(target.budget.usedBytes, 0);
  target.scrape("a");
  assert.equal(target.budget.usedBytes, few);
});
