import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const PROGRAM = join(import.meta.dirname, "../../bin/invar-chart");

function errorOf(template: string, arrange: (chart: string) => void = () => undefined): string {
  const chart = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    mkdirSync(join(chart, "templates"));
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: h\nversion: 1.0.0\n");
    writeFileSync(join(chart, "templates/a.yaml"), template);
    arrange(chart);
    const { stderr, status } = spawnSync(PROGRAM, ["template", "r", chart], { encoding: "utf8" });
    assert.equal(status, 1);
    return stderr;
  } finally {
    rmSync(chart, { recursive: true });
  }
}

test("a template that includes itself ends with Helm's text", () => {
  assert.match(
    errorOf('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'),
    /nested reference name: a: unable to execute template/,
  );
});

test("an output without end is an error", () => {
  assert.match(errorOf('{{ range until 100000 }}{{ repeat 100000 "x" }}{{ end }}'), /^Error: /);
});

test("a link out of the chart is an error", () => {
  assert.match(
    errorOf("a: 1", (chart) => symlinkSync("/etc/hostname", join(chart, "stolen"))),
    /link that leads out of the chart/,
  );
});
