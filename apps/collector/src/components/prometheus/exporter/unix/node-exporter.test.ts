import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { realPart } from "../../../../../../../tests/backends/real-part.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { type CollectorCase, collectorCases, comparable, makeHost } from "./collector-cases.suite.ts";
import { preparedCollectors } from "./collectors.ts";
import { component } from "./component.ts";
import { HostFiles } from "./host-files.ts";
import { hostPage } from "./page.ts";

// The node exporter itself, beside which ours runs: on the hosts of the cases, and on this one.
const part = realPart("node-exporter");

/** What the incumbent sets, where the node exporter's own defaults are others. */
const incumbentsDefaults = ["--no-collector.arp.netlink", "--no-collector.netdev.netlink", "--no-collector.cpu.guest"];

/** Collectors that look at the host when they are made, or remember what they saw. */
const lookOnce = new Set(["cpu", "dmi"]);

// One process serves all cases without flags: it is asked for one collector at a time, on a host that is another each time.
let shared: { readonly root: string; readonly exporter: NodeExporter } | undefined;

before(async () => {
  if (part.path === undefined) return;
  // Some collectors want to see a process when they are made.
  const { root } = makeHost({
    entries: [
      { path: "proc/7", kind: "folder", content: "" },
      { path: "proc/self", kind: "link", content: "7" },
    ],
  });
  const collectors = new Set(collectorCases().map(({ collector }) => `--collector.${collector}`));
  shared = { root, exporter: await startNodeExporter([...collectors, ...pathFlags(root), ...incumbentsDefaults]) };
});

after(async () => {
  if (shared === undefined) return;
  await shared.exporter.stop();
  rmSync(shared.root, { recursive: true });
});

for (const one of collectorCases()) {
  const title = one.differs === undefined ? "says the same" : `differs because ${one.differs}`;
  test(`the node exporter ${title}: ${one.collector} ${one.title}`, { skip: part.skip }, async () => {
    const isAlone = one.flags.length > 0 || one.differs !== undefined || lookOnce.has(one.collector);
    const page = isAlone ? await pageAlone(one) : await pageOfShared(one);
    if (one.differs === undefined) assert.deepEqual(page, one.page);
    else assert.notDeepEqual(page, one.page);
  });
}

/** Series that one of the two has, and why. */
const justified = [
  // The node exporter has a list of fields, the incumbent's version has all of the file.
  /^(# TYPE )?node_memory_\w+/,
  // The node exporter says 0 unless it knows every setting of the device's queue.
  /^node_disk_info\{/,
];

/** Metrics whose values stay as they are from one look to the next. */
const stable = new RegExp(
  `^node_(${[
    "boot_time_seconds|cpu_info|dmi_info|disk_info|entropy_pool_size_bits|filefd_maximum|os_\\w+|selinux_enabled|uname_info",
    "filesystem_(size_bytes|files|mount_info|device_error)|memory_(MemTotal|SwapTotal|Hugepagesize)_bytes",
    "network_(info|up|mtu_bytes|flags|iface_id|carrier_changes_total|protocol_type)|scrape_collector_success",
    "time_clocksource_\\w+|timex_(tick_seconds|status|loop_time_constant|tai_offset_seconds|sync_status)",
  ].join("|")})(\\{|$)`,
);

test("on this host the node exporter has the same series, and the same values where these do not change", { skip: part.skip }, async () => {
  const { fs_types_exclude: types, mount_points_exclude: points } = decodeText(component, "").filesystem;
  const { device_exclude: devices } = decodeText(component, "").disk;
  const { fields } = decodeText(component, "").netstat;
  const exporter = await startNodeExporter([
    ...incumbentsDefaults,
    `--collector.filesystem.fs-types-exclude=${types}`,
    `--collector.filesystem.mount-points-exclude=${points}`,
    `--collector.diskstats.device-exclude=${devices}`,
    `--collector.netstat.fields=${fields}`,
  ]);
  const theirs = await exporter.page();
  await exporter.stop();
  const host = new HostFiles({ procfs: "/proc", sysfs: "/sys", rootfs: "/", udev: "/run/udev/data" });
  const ours = (await hostPage(preparedCollectors(decodeText(component, "")), host, () => {})).text();
  assert.deepEqual(differences(seriesOf(theirs), seriesOf(ours)), []);
});

function differences(theirs: ReadonlyMap<string, string>, ours: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const series of new Set([...theirs.keys(), ...ours.keys()])) {
    const [a, b] = [theirs.get(series), ours.get(series)];
    if (justified.some((pattern) => pattern.test(series)) && (a === undefined || b === undefined)) continue;
    if (a === undefined || b === undefined) found.push(`${series}: ${a ?? "absent"} there, ${b ?? "absent"} here`);
    else if (stable.test(series) && a !== b) found.push(`${series}: ${a} there, ${b} here`);
  }
  return found;
}

/** Kinds of metrics are compared as if they were series. */
function seriesOf(page: string): Map<string, string> {
  const lines = comparable(page, "/nowhere").map(
    (line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)] as const,
  );
  return new Map(lines);
}

async function pageOfShared(one: CollectorCase): Promise<string[]> {
  if (shared === undefined) throw new Error("the node exporter was not started");
  const { root, exporter } = shared;
  rmSync(join(root, "proc"), { recursive: true, force: true });
  const { remove } = makeHost(one, root);
  const page = await exporter.page(`?collect[]=${one.collector}`);
  remove();
  return comparable(page, root);
}

async function pageAlone(one: CollectorCase): Promise<string[]> {
  const { root, remove } = makeHost(one);
  const defaults = incumbentsDefaults.filter((flag) => !one.flags.includes(flag.replace("--no-", "--")));
  const flags = one.flags.map((flag) => flag.replaceAll("ROOT", root));
  const exporter = await startNodeExporter([
    "--collector.disable-defaults",
    `--collector.${one.collector}`,
    ...pathFlags(root),
    ...defaults,
    ...flags,
  ]);
  const page = await exporter.page();
  await exporter.stop();
  remove();
  return comparable(page, root);
}

function pathFlags(root: string): string[] {
  return [`--path.procfs=${root}/proc`, `--path.sysfs=${root}/sys`, `--path.rootfs=${root}`, `--path.udev.data=${root}/udev`];
}

interface NodeExporter {
  /** Empty where the process ended by itself. */
  page(query?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it on a port that is free. */
async function startNodeExporter(flags: readonly string[]): Promise<NodeExporter> {
  const program = spawn(part.path ?? "", ["--web.listen-address=127.0.0.1:0", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(program, "exit");
  const address = await new Promise<string | undefined>((resolve) => {
    const lines = createInterface({ input: program.stderr });
    lines.on("line", (line) => {
      const found = /"Listening on" address=(\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    lines.on("close", () => resolve(undefined));
  });
  return {
    page: async (query = "") => {
      const answer = await fetch(`http://${address}/metrics${query}`).catch(() => undefined);
      return answer === undefined ? "" : await answer.text();
    },
    stop: async () => {
      program.kill();
      await ended;
    },
  };
}
