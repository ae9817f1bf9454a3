import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { CommandResult } from "./template.ts";
import { watchCommand } from "./watch.ts";

const folder = mkdtempSync(join(tmpdir(), "watch-"));
after(() => rmSync(folder, { recursive: true }));

/** Outputs one after the other, each awaited. */
function outputs() {
  const waiting: ((result: CommandResult) => void)[] = [];
  const ready: CommandResult[] = [];
  return {
    emit: (result: CommandResult): void => {
      const next = waiting.shift();
      if (next === undefined) ready.push(result);
      else next(result);
    },
    /** The first output that matches, whatever the file system reports in between. */
    next: async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const result = ready.shift() ?? (await new Promise<CommandResult>((resolve) => void waiting.push(resolve)));
        const text = result.stdout + result.stderr;
        if (pattern.test(text)) return text;
      }
    },
  };
}

test("a change of a template or a values file shows what differs, a mistake is told, and the chart comes back", {
  timeout: 20_000,
}, async () => {
  const chart = join(folder, "chart");
  const user = join(folder, "user.yaml");
  mkdirSync(join(chart, "templates"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
  const template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {size: '{{ .Values.size }}'}\n";
  writeFileSync(join(chart, "templates/a.yaml"), template);
  writeFileSync(user, "size: 1\n");
  const { emit, next } = outputs();
  const stop = watchCommand([chart, "-f", user], emit);
  try {
    assert.match(await next(/watching/), /^1 objects; watching /);
    writeFileSync(user, "size: 2\n");
    assert.match(await next(/size/), /~ data\.size: "1" → "2"\n1 changed/);
    writeFileSync(join(chart, "templates/a.yaml"), `${template}{{ .Values.no.where }}\n`);
    assert.match(await next(/error/), /shop\/templates\/a\.yaml:5.*nil pointer/);
    writeFileSync(join(chart, "templates/a.yaml"), template.replace("name: a", "name: b"));
    assert.match(await next(/ConfigMap/), /\+ ConfigMap b .*\n- ConfigMap a /);
  } finally {
    stop();
  }
});

test("without a chart it says what to write", () => {
  const results: CommandResult[] = [];
  watchCommand([], (result) => void results.push(result))();
  assert.match(results[0]?.stderr ?? "", /^Error: one chart: write `invar-chart watch CHART/);
});
