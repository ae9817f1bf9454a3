import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { PageHandler } from "../../../../component/context.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { component } from "./component.ts";

/** The page of a component with these arguments. */
async function pageOf(
  text: string,
): Promise<{ body: string; targets: unknown; logged: number; page(): Promise<string>; update(next: string): Promise<void> }> {
  let handler: PageHandler | undefined;
  const context = testContext({ id: "prometheus.exporter.unix.x" });
  const handle = (next: PageHandler | undefined) => {
    handler = next;
  };
  const running = await component.create({ ...context, http: { ...context.http, handle } }, decodeText(component, text));
  const page = async () => String((await handler?.({ method: "GET", path: "metrics", query: new URLSearchParams() }))?.body);
  const body = await page();
  return {
    body,
    targets: context.exports.targets,
    logged: context.logged.length,
    page,
    update: async (next) => running.update(decodeText(component, next)),
  };
}

const findings = (text: string) => tryDecodeText(component, text).diagnostics.map(({ message }) => message);

test("exposes this host through an in-process target", async () => {
  const { body, targets } = await pageOf('set_collectors = ["uname", "filesystem"]\nfilesystem { fs_types_exclude = "" }');
  assert.match(body, new RegExp(`node_uname_info\\{sysname="Linux",.*nodename="${hostname()}"`));
  assert.match(body, /node_filesystem_size_bytes\{device=".*",mountpoint="\/",fstype=".*",device_error=""\} [1-9]/);
  assert.match(body, /node_exporter_build_info\{goarch="\w+",goos="linux",version=".+"\} 1/);
  assert.doesNotMatch(body, /promhttp_metric_handler_requests_total/);
  assert.equal((targets as { job: string }[])[0]?.job, "integrations/unix");
});

test("runs the default collectors, and after an update those that are wanted", async () => {
  const { body, page, update } = await pageOf("");
  assert.match(body, /node_scrape_collector_success\{collector="loadavg"\} 1/);
  assert.doesNotMatch(body, /collector="softirqs"/);
  await update('set_collectors = ["time"]\nenable_collectors = ["softirqs", "stat"]\ndisable_collectors = ["stat"]');
  const ran = [...(await page()).matchAll(/node_scrape_collector_success\{collector="(\w+)"\}/g)].map(([, name]) => name);
  assert.deepEqual(ran, ["softirqs", "time"]);
});

test("exposes its own metrics where they are wanted", async () => {
  const { body } = await pageOf('set_collectors = ["time"]\ninclude_exporter_metrics = true');
  assert.match(body, /promhttp_metric_handler_requests_in_flight 1\n/);
  assert.match(body, /promhttp_metric_handler_requests_total\{code="200"\} 0\n/);
});

test("goes on without collectors that have nothing to show, and does not complain", async () => {
  const { body, logged, page } = await pageOf('set_collectors = ["loadavg", "stat"]\nprocfs_path = "/proc/sys/kernel/random"');
  assert.match(body, /node_scrape_collector_success\{collector="stat"\} 0/);
  assert.equal(logged, 0);
  assert.match(await page(), /node_scrape_collector_success\{collector="loadavg"\} 0/);
});

test("refuses collectors that are absent or unknown, and their blocks, with the reason", () => {
  assert.match(findings('enable_collectors = ["systemd"]')[0] ?? "", /^the collector systemd is not available: it speaks D-Bus/);
  assert.match(findings('set_collectors = ["netdve"]')[0] ?? "", /^there is no collector "netdve"; did you mean "netdev"\?/);
  assert.match(
    findings('enable_collectors = ["network_route"]')[0] ?? "",
    /^the collector network_route is not available: it asks the kernel/,
  );
  assert.match(findings('perf { cpus = "0" }')[0] ?? "", /^the collector perf is not available/);
  assert.deepEqual(findings('enable_collectors = ["boottime"]'), []);
});

test("refuses arguments that can't hold", () => {
  assert.match(findings("arp { netlink = true }")[0] ?? "", /^netlink has no effect: the kernel's file net\/arp/);
  assert.match(findings('netdev {\n  device_include = "a"\n  device_exclude = "b"\n}')[0] ?? "", /mutually exclusive/);
  assert.match(findings('ipvs { backend_labels = ["x"] }')[0] ?? "", /^unknown IPVS backend labels: "x"/);
  assert.match(findings('vmstat { fields = "(" }')[0] ?? "", /missing closing \)/);
});
