import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText } from "../../../../component/from-text.ts";
import { collectorCases, comparable, makeHost } from "./collector-cases.suite.ts";
import { allCollectors, preparedCollectors } from "./collectors.ts";
import { component } from "./component.ts";
import { HostFiles } from "./host-files.ts";
import { hostPage } from "./page.ts";

const cases = collectorCases();

for (const one of cases) {
  test(`${one.collector} ${one.title}`, async () => {
    const { root, remove } = makeHost(one);
    try {
      const text = `set_collectors = ["${one.collector}"]\n${one.arguments.replaceAll("ROOT", root)}`;
      const host = new HostFiles({ procfs: `${root}/proc`, sysfs: `${root}/sys`, rootfs: root, udev: `${root}/udev` });
      const page = await hostPage(preparedCollectors(decodeText(component, text)), host, () => {});
      assert.deepEqual(comparable(page.text(), root), one.page);
    } finally {
      remove();
    }
  });
}

// What these tell is not in files of a host: component.test.ts and node-exporter.test.ts ask this one.
const withoutFiles = ["filesystem", "timex", "uname"];

test("every collector has a case", () => {
  const missing = allCollectors.map(({ name }) => name).filter((name) => !cases.some(({ collector }) => collector === name));
  assert.deepEqual(missing, withoutFiles);
});

test("collectors are listed by name", () => {
  const names = allCollectors.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort());
});
