import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { Budget } from "../../../../delivery/budget.ts";
import { decodeRequest, type Plain } from "../../../../signals/otlp/testing.ts";
import { type Chain, PAGE_BYTES, SpanLog } from "./span-log.ts";

const nothing = new Uint8Array(0);
const chain = (): Chain => ({ page: -1, offset: 0 });

function span(name: string): Buffer {
  const writer = new ProtobufWriter(64);
  writer.string(5, name);
  return Buffer.from(writer.toBytes());
}

function scope(name: string): Uint8Array {
  const writer = new ProtobufWriter(64);
  const mark = writer.begin(1);
  writer.string(1, name);
  writer.finish(mark);
  return writer.toBytes();
}

/** `scope: a b | other: c` */
function textOf(log: SpanLog, traces: Chain): string {
  const writer = new ProtobufWriter(64);
  log.write(traces, writer);
  const list = (content: Plain, name: string) => (content[name] ?? []) as Plain[];
  return list(decodeRequest("traces", [writer.toBytes()]), "resourceSpans")
    .flatMap((r) => list(r, "scopeSpans"))
    .map(
      (s) =>
        `${(s.scope as Plain).name}: ${list(s, "spans")
          .map(({ name }) => String(name))
          .join(" ")}`,
    )
    .join(" | ");
}

test("gives the spans of a trace back in their order, by what they lie in", () => {
  const log = new SpanLog(new Budget(1 << 24));
  const [one, two] = [chain(), chain()];
  const [s, t] = [log.origin(nothing, scope("s")), log.origin(nothing, scope("t"))];
  const add = (to: Chain, origin: number, name: string) => assert.ok(log.append(to, origin, span(name), 0, span(name).length));
  add(one, s, "a");
  add(one, s, "b");
  add(two, s, "x");
  add(one, s, "c");
  add(one, t, "d");
  assert.equal(textOf(log, one), "s: a b c | t: d");
  assert.equal(textOf(log, two), "s: x");
});

test("gives memory back once no span in it is needed, whatever the order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9), fc.nat(60_000)), { maxLength: 60 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 }),
      (adds, order) => {
        const budget = new Budget(1 << 28);
        const log = new SpanLog(budget);
        const origin = log.origin(nothing, scope("s"));
        const chains = Array.from({ length: 10 }, chain);
        const expected = chains.map(() => [] as string[]);
        adds.forEach(([to, size], i) => {
          const name = `${i}${"x".repeat(size)}`;
          const bytes = span(name);
          assert.ok(log.append(chains[to] as Chain, origin, bytes, 0, bytes.length));
          expected[to]?.push(name);
        });
        for (const i of order) {
          const names = expected[i] as string[];
          assert.equal(textOf(log, chains[i] as Chain), names.length === 0 ? "" : `s: ${names.join(" ")}`);
          log.free(chains[i] as Chain);
        }
        assert.ok(budget.usedBytes <= 10 * PAGE_BYTES, "what is left are pages for later use");
        log.close();
        assert.equal(budget.usedBytes, 0);
      },
    ),
    { numRuns: 40 },
  );
});

test("takes spans that are larger than a page", () => {
  const log = new SpanLog(new Budget(1 << 24));
  const one = chain();
  const name = "x".repeat(PAGE_BYTES * 2);
  assert.ok(log.append(one, log.origin(nothing, scope("s")), span(name), 0, span(name).length));
  assert.equal(textOf(log, one), `s: ${name}`);
});

test("takes nothing for which there is no memory", () => {
  const log = new SpanLog(new Budget(PAGE_BYTES + 10));
  const one = chain();
  const origin = log.origin(nothing, scope("s"));
  const large = span("x".repeat(PAGE_BYTES - 1000));
  assert.ok(log.append(one, origin, large, 0, large.length));
  assert.ok(!log.append(one, origin, large, 0, large.length));
  log.free(one);
});
