import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { templateCommand } from "./template.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/invar-chart");

/** What is said of a chart with this template; the whole program is run only where its stack or memory matters. */
function errorOf(template: string, arrange: (chart: string) => void = () => undefined, runsProgram = false): string {
  const chart = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    mkdirSync(join(chart, "templates"));
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: h\nversion: 1.0.0\n");
    writeFileSync(join(chart, "templates/a.yaml"), template);
    arrange(chart);
    if (!runsProgram) {
      const { code, stderr } = templateCommand(["r", chart]);
      assert.equal(code, 1);
      return stderr;
    }
    const { stderr, status } = spawnSync(PROGRAM, ["template", "r", chart], { encoding: "utf8" });
    assert.equal(status, 1);
    return stderr;
  } finally {
    rmSync(chart, { recursive: true });
  }
}

/** What is said of an archive with these entries. */
function archiveErrorOf(
  entries: readonly (readonly [name: string, data: string, kind?: string])[],
  extra: Uint8Array = new Uint8Array(),
): string {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    const blocks = entries.flatMap(([name, data, kind = "0"]) => [header(name, data.length, kind), padded(data)]);
    writeFileSync(join(folder, "c.tgz"), gzipSync(Buffer.concat([...blocks, extra, Buffer.alloc(1024)])));
    const { code, stderr } = templateCommand(["r", join(folder, "c.tgz")]);
    assert.equal(code, 1);
    return stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function header(name: string, size: number, kind: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(kind, 156);
  block.write("ustar\0", 257);
  return block;
}

function padded(data: string): Buffer {
  return Buffer.concat([Buffer.from(data), Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const CHART = ["c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"] as const;

test("a template that includes itself ends with Helm's text", () => {
  assert.match(
    errorOf('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', undefined, true),
    /nested reference name: a: unable to execute template/,
  );
});

test("templates that take more stack than there is are tried again with more, then end", () => {
  assert.match(
    errorOf(
      '{{ define "a" }}{{ if true }}{{ with . }}{{ range list 1 }}{{ template "a" $ }}{{ end }}{{ end }}{{ end }}{{ end }}{{ template "a" . }}',
      undefined,
      true,
    ),
    /^Error: .*exceeded maximum template depth/,
  );
});

test("a text that renders itself ends", () => {
  const endless = (chart: string): void => writeFileSync(join(chart, "values.yaml"), 't: "{{ tpl .Values.t . }}"\n');
  assert.match(errorOf("{{ tpl .Values.t . }}", endless, true), /^Error: /);
});

const TOO_MUCH: readonly [title: string, template: string][] = [
  ["an output without end", '{{ range until 100000 }}{{ repeat 100000 "x" }}{{ end }}'],
  ["a text of a gigabyte", '{{ repeat 1000000000 "x" }}'],
  ["a list of a thousand million numbers", "{{ until 1000000000 | len }}"],
  ["a sequence of them", "{{ untilStep 0 1000000000 1 | len }}"],
  ["a text that doubles again and again", '{{ $x := "ab" }}{{ range until 60 }}{{ $x = cat $x $x }}{{ end }}{{ len $x }}'],
  ["an indentation of a gigabyte", '{{ indent 1000000000 "x" }}'],
  ["a number as wide as a gigabyte", '{{ printf "%1000000000d" 1 | len | printf "%s" }}{{ fail "x" }}'],
  ["random letters by the gigabyte", "{{ randAlphaNum 1000000000 | len }}"],
];

for (const [what, template] of TOO_MUCH) {
  test(`${what} is an error`, () => assert.match(errorOf(template), /^Error: /));
}

test("a pattern that would try for ever takes linear time", () => {
  const template = '{{ regexMatch "^(a+)+$" (printf "%sb" (repeat 20000 "a")) }}{{ fail "it ended" }}';
  const before = performance.now();
  assert.match(errorOf(template), /it ended/);
  assert.ok(performance.now() - before < 20_000);
});

test("parentheses and blocks nest to a limit", () => {
  assert.match(errorOf(`{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`), /^Error: parse error/);
  assert.match(errorOf(`${"{{ if true }}".repeat(50_000)}${"{{ end }}".repeat(50_000)}`), /^Error: parse error/);
});

test("aliases of aliases are an error before they are expanded", () => {
  const levels = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(",")}]`);
  const bomb = `a0: &a0 x\n${levels.join("\n")}\n`;
  assert.match(
    errorOf("a: 1", (chart) => writeFileSync(join(chart, "values.yaml"), bomb)),
    /excessive aliasing/,
  );
  assert.match(
    errorOf(`{{ $v := fromYaml (.Files.Get "bomb") }}{{ fail $v.Error }}`, (chart) => writeFileSync(join(chart, "bomb"), bomb)),
    /excessive aliasing/,
  );
});

test("YAML, JSON and TOML nest to a limit", () => {
  const deep = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000);
  assert.match(
    errorOf("a: 1", (chart) => writeFileSync(join(chart, "values.yaml"), `a: ${deep("[", "]")}\n`)),
    /^Error: .*max depth/,
  );
  const files = (chart: string): void => {
    writeFileSync(join(chart, "j"), deep("[", "]"));
    writeFileSync(join(chart, "t"), `a = ${deep("[", "]")}`);
  };
  assert.match(errorOf('{{ fail (fromJsonArray (.Files.Get "j") | first | toString) }}', files), /^Error: /);
  assert.match(errorOf('{{ fail (fromToml (.Files.Get "t")).Error }}', files), /nest deeper/);
});

test("a link out of the chart is an error", () => {
  assert.match(
    errorOf("a: 1", (chart) => symlinkSync("/etc/hostname", join(chart, "stolen"))),
    /link that leads out of the chart/,
  );
});

test("a link to a folder above itself is an error", () => {
  assert.match(
    errorOf("a: 1", (chart) => symlinkSync("..", join(chart, "templates/again"))),
    /link/,
  );
});

test("an archive writes nothing and names nothing outside its folder", () => {
  assert.match(archiveErrorOf([CHART, ["c/../../etc/passwd", "x"]]), /chart illegally references parent directory/);
  assert.match(archiveErrorOf([CHART, ["//etc/passwd", "x"]]), /chart illegally contains absolute paths/);
  assert.match(archiveErrorOf([["Chart.yaml", "x"]]), /chart illegally contains content outside the base directory: "Chart.yaml"/);
});

test("an archive that unpacks to gigabytes is an error", () => {
  assert.match(archiveErrorOf([CHART], Buffer.alloc(110 * 1024 * 1024)), /larger than the maximum file size/);
  assert.match(archiveErrorOf([CHART, ["c/big", "x".repeat(6 * 1024 * 1024)]]), /larger than the maximum file size/);
});

test("an archive that is cut off is an error", () => {
  assert.match(archiveErrorOf([CHART], header("c/x", 5000, "0")), /^Error: /);
});

test("a template cannot read the environment or files outside the chart", () => {
  assert.match(errorOf('{{ env "PATH" }}'), /function "env" not defined/);
  assert.match(errorOf('{{ fail (printf "<%s>" (.Files.Get "../../../../etc/passwd")) }}'), /: <>/);
});

test("twice the calls of include and tpl take about twice the time", () => {
  const millisecondsOf = (count: number): number => {
    const template = `{{ define "x" }}{{ . }}{{ end }}{{ range until ${count} }}{{ $a := include "x" . }}{{ $b := tpl "{{ .a }}" (dict "a" .) }}{{ end }}{{ fail "end" }}`;
    const runs = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      assert.match(errorOf(template), /end/);
      return process.cpuUsage(before).user;
    });
    return Math.min(...runs);
  };
  millisecondsOf(2_000);
  const few = millisecondsOf(5_000);
  const many = millisecondsOf(20_000);
  assert.ok(many < few * 12, `5,000 calls took ${few} µs, 20,000 took ${many}`);
});
