import assert from "node:assert/strict";
import test from "node:test";
import { type JobSettings, scrapeOffsetMs, type Target, targetOf } from "./target.ts";

const job: JobSettings = {
  jobName: "j",
  scrapeInterval: "1m",
  scrapeTimeout: "10s",
  metricsPath: "/metrics",
  scheme: "http",
  params: {},
  scrapesNativeHistograms: false,
  scrapesClassicHistograms: false,
  convertsToNhcb: false,
};

function target(labels: Record<string, string>, settings: Partial<JobSettings> = {}): Target {
  const made = targetOf(labels, { ...job, ...settings });
  if (typeof made === "string") throw new Error(made);
  return made;
}

function labelsText({ labels }: Target): string {
  return labels.names.map((name, i) => `${name}=${labels.values[i]}`).join(" ");
}

const cases: [discovered: Record<string, string>, settings: Partial<JobSettings>, url: string, labels: string][] = [
  [{ __address__: "a:1" }, {}, "http://a:1/metrics", "instance=a:1 job=j"],
  [{ __address__: "a:1", job: "own", instance: "i", x: "y", empty: "" }, {}, "http://a:1/metrics", "instance=i job=own x=y"],
  [{ __address__: "a", __meta_x: "1", __tmp: "2", __other: "3" }, {}, "http://a/metrics", "instance=a job=j"],
  [{ __address__: "[::1]:80", __scheme__: "https", __metrics_path__: "/x y" }, {}, "https://[::1]:80/x%20y", "instance=[::1]:80 job=j"],
  [{ __address__: "a" }, { metricsPath: "probe", params: { module: ["m", "n"] } }, "http://a/probe?module=m&module=n", "instance=a job=j"],
  [
    { __address__: "a", __param_module: "x", __param_target: "t&t" },
    { params: { module: ["m", "n"] } },
    "http://a/metrics?module=x&module=n&target=t%26t",
    "instance=a job=j",
  ],
];

for (const [discovered, settings, url, labels] of cases)
  test(`${JSON.stringify(discovered)} is scraped at ${url}`, () => {
    const made = target(discovered, settings);
    assert.equal(made.url.href, url);
    assert.equal(labelsText(made), labels);
  });

const refused: [discovered: Record<string, string>, message: string | RegExp][] = [
  [{}, "no address"],
  [{ __address__: "a/b" }, '"a/b" is not a valid hostname'],
  [{ __address__: "a", __scrape_interval__: "x" }, /^error parsing scrape interval: /],
  [{ __address__: "a", __scrape_interval__: "0s" }, "scrape interval cannot be 0"],
  [{ __address__: "a", __scrape_timeout__: "0s" }, "scrape timeout cannot be 0"],
  [{ __address__: "a", __scrape_timeout__: "2m" }, 'scrape timeout cannot be greater than scrape interval ("2m" > "1m")'],
  [{ __address__: "a", __scrape_native_histograms__: "maybe" }, /^error parsing scrape native histograms: /],
  [{ __address__: "a b:x:y" }, /is not a URL$/],
];

for (const [discovered, message] of refused)
  test(`${JSON.stringify(discovered)} is no target`, () => {
    const made = targetOf(discovered, job);
    assert.equal(typeof made, "string");
    if (typeof message === "string") assert.equal(made, message);
    else assert.match(made as string, message);
  });

test("labels set the interval, the timeout and how histograms are taken", () => {
  const made = target({
    __address__: "a",
    __scrape_interval__: "15s",
    __scrape_timeout__: "5s",
    __scrape_native_histograms__: "true",
    __convert_classic_histograms_to_nhcb__: "1",
  });
  assert.deepEqual(
    [made.intervalMs, made.timeoutMs, made.scrapesNativeHistograms, made.convertsToNhcb, made.scrapesClassicHistograms],
    [15000, 5000, true, true, false],
  );
});

test("targets that differ in what is visible of them are different", () => {
  assert.equal(target({ __address__: "a", __meta_pod: "1" }).key, target({ __address__: "a", __meta_pod: "2" }).key);
  assert.notEqual(target({ __address__: "a" }).key, target({ __address__: "b" }).key);
  assert.notEqual(target({ __address__: "a" }).key, target({ __address__: "a", __param_x: "1" }).key);
});

test("each target has its own moment within the interval, whenever it is asked", () => {
  const moments = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const made = target({ __address__: `host-${i}` });
    const offset = scrapeOffsetMs(made, 1_000_000, 7);
    assert.ok(offset >= 0 && offset <= 60_000);
    const later = scrapeOffsetMs(made, 1_012_345, 7);
    assert.equal((1_000_000 + offset) % 60_000, (1_012_345 + later) % 60_000);
    moments.add(offset);
  }
  assert.ok(moments.size > 45);
});
