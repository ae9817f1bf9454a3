import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeText } from "../../../../../component/from-text.ts";
import { makeHost } from "../collector-cases.suite.ts";
import { component } from "../component.ts";
import { HostFiles } from "../host-files.ts";
import { MetricPage } from "../metric-page.ts";
import { cpu } from "./cpu.ts";

test("a processor's counters do not go back, unless it was switched off and on again", async () => {
  const { root, remove } = makeHost({ entries: [] });
  const host = new HostFiles({ procfs: `${root}/proc`, sysfs: `${root}/sys`, rootfs: root, udev: root });
  const collect = cpu.prepare(decodeText(component, ""));
  const look = async (user: number, idle: number) => {
    writeFileSync(join(root, "proc/stat"), `cpu0 ${user} 0 0 ${idle} 0 0 0 0 0 0\n`);
    const page = new MetricPage();
    await collect(host, page, () => {});
    return ["user", "idle"].map((mode) => new RegExp(`mode="${mode}"\\} (\\S+)`).exec(page.text())?.[1]).join(" ");
  };
  assert.equal(await look(1000, 5000), "10 50");
  assert.equal(await look(1100, 4900), "11 50");
  assert.equal(await look(100, 4600), "1 46");
  remove();
});
