import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { AttributeCursor } from "./attribute-cursor.ts";
import type { Signal } from "./batch.ts";
import { metricField, resourceLevel, scopeLevel } from "./fields.ts";
import { DATA, ItemCursor, METRIC, RESOURCE, SCOPE } from "./item-cursor.ts";
import { RequestEditor } from "./request-editor.ts";
import { requests } from "./schema.ts";
import { anyMessage, decodeRequest, encodeRequest, type Plain } from "./testing.ts";
import { walk } from "./walk.ts";

// The notation: `r1[s1(a b) s2(c)] r2[]` are resources with scopes with spans (or, with `m:a+b`, metrics with points); names are texts.

function traces(text: string): Uint8Array {
  const resourceSpans = [...text.matchAll(/(\w+)\[([^\]]*)\]/g)].map(([, resource, scopes = ""]) => ({
    resource: { attributes: [{ key: resource }] },
    schemaUrl: `url-${resource}`,
    scopeSpans: [...scopes.matchAll(/(\w+)\(([^)]*)\)/g)].map(([, scope, spans = ""]) => ({
      scope: { name: scope },
      spans: spans
        .split(" ")
        .filter(Boolean)
        .map((name) => ({ name })),
      schemaUrl: `url-${scope}`,
    })),
  }));
  return encodeRequest("traces", { resourceSpans });
}

function printTraces(chunk: Uint8Array): string {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  return list(decodeRequest("traces", [chunk]), "resourceSpans")
    .map((resource) => {
      const [attribute] = list(resource.resource as Plain, "attributes");
      const scopes = list(resource, "scopeSpans").map((scope) => {
        assert.equal(scope.schemaUrl, `url-${(scope.scope as Plain).name}`.replace("NEW", "s1"));
        return `${(scope.scope as Plain).name}(${list(scope, "spans")
          .map(({ name }) => name)
          .join(" ")})`;
      });
      return `${attribute?.key}[${scopes.join(" ")}]`;
    })
    .join(" ");
}

const spanName = (name: string) => Buffer.from([0x2a, name.length, ...Buffer.from(name)]);

function nameOf(cursor: ItemCursor): string {
  const reader = new ProtobufReader().reset(cursor.bytes, cursor.start, cursor.end);
  while (reader.next()) if (reader.field === 5) return reader.text();
  return "";
}

/** Drops the spans named in `drop`, renames lower case `x…` to `X…`, and renames the scopes named in `scopes` to NEW. */
function edit(text: string, drop: string, scopes = ""): string {
  const editor = new RequestEditor("traces").reset(traces(text));
  while (editor.next()) {
    const { cursor } = editor;
    if (cursor.entered <= SCOPE && scopes !== "") {
      cursor.scope();
      const scope = Buffer.from(cursor.bytes.subarray(cursor.partStart + 2, cursor.partEnd)).toString();
      if (scopes.split(" ").includes(scope)) editor.replacePart(SCOPE, scopeLevel.scope, Buffer.from([0x0a, 3, ...Buffer.from("NEW")]));
    }
    const name = nameOf(cursor);
    if (drop.split(" ").includes(name)) editor.drop();
    else if (name.startsWith("x")) editor.replace(spanName(name.toUpperCase()));
  }
  const chunk = editor.finish();
  const left = walk("traces", chunk).items;
  assert.equal(left, walk("traces", traces(text)).items - editor.dropped);
  return printTraces(chunk);
}

for (const [text, drop, expected] of [
  ["r1[s1(a b)]", "", "r1[s1(a b)]"],
  ["r1[s1(a b)]", "a", "r1[s1(b)]"],
  ["r1[s1(a b)]", "b", "r1[s1(a)]"],
  ["r1[s1(a b)]", "a b", ""],
  ["r1[s1(a) s2(b)] r2[s3(c)]", "a", "r1[s2(b)] r2[s3(c)]"],
  ["r1[s1(a) s2(b)] r2[s3(c)]", "b c", "r1[s1(a)]"],
  ["r1[s1(a x b)] r2[s3(x)]", "b", "r1[s1(a X)] r2[s3(X)]"],
  ["r1[] r2[s1() s2(a)] r3[s3(b)]", "b", "r1[] r2[s1() s2(a)]"],
  ["r1[] r2[s1() s2(a)]", "a", "r1[]"],
] as const)
  test(`${text} without ${drop || "nothing"} is ${expected || "empty"}`, () => {
    assert.equal(edit(text, drop), expected);
  });

test("replaces parts of parents, wherever the parts lie", () => {
  assert.equal(edit("r1[s1(a x) s2(b)]", "b", "s1"), "r1[NEW(a X)]");
  assert.equal(edit("r1[s1(a) s2(b)]", "", "s1"), "r1[NEW(a) s2(b)]");
  const late = Buffer.from([0x0a, 9, 0x12, 7, 0x12, 0, 0x0a, 3, 0x0a, 1, 0x61]);
  const editor = new RequestEditor("traces").reset(late);
  assert.equal(editor.next(), true);
  editor.replacePart(RESOURCE, resourceLevel.resource, new Uint8Array(0));
  editor.replacePart(SCOPE, scopeLevel.scope, new Uint8Array(0));
  assert.equal(editor.next(), false);
  assert.deepEqual(decodeRequest("traces", [editor.finish()]), {
    resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [{}] }] }],
  });
});

test("a chunk in which nothing changed stays the same memory", () => {
  const chunk = traces("r1[s1(a b)]");
  const editor = new RequestEditor("traces").reset(chunk);
  while (editor.next());
  assert.equal(editor.finish(), chunk);
});

for (const signal of ["traces", "metrics", "logs"] as const)
  test(`any ${signal} with every item replaced by itself are the same bytes`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.infiniteStream(fc.boolean()), (request, choices) => {
        const chunk = encodeRequest(signal, request);
        const editor = new RequestEditor(signal).reset(chunk);
        let items = 0;
        while (editor.next()) {
          items++;
          const { bytes, start, end } = editor.cursor;
          if (choices.next().value) editor.replace(bytes, start, end);
        }
        assert.equal(items, walk(signal, chunk).items);
        assert.deepEqual(Buffer.from(editor.finish()), Buffer.from(chunk));
      }),
    );
  });

for (const signal of ["traces", "metrics", "logs"] as const)
  test(`any items can be dropped from ${signal}; the others keep their order and parents`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.infiniteStream(fc.boolean()), (request, choices) => {
        const editor = new RequestEditor(signal).reset(encodeRequest(signal, request));
        const kept: string[] = [];
        while (editor.next())
          if (choices.next().value) editor.drop();
          else kept.push(describe(editor.cursor));
        const left = editor.finish();
        assert.deepEqual(itemsOf(signal, left), kept);
        walk(signal, left);
      }),
    );
  });

/** An item with the parts of its parents. */
function describe(cursor: ItemCursor): string {
  const part = (level: number, field: number) => {
    cursor.part(level, field);
    return Buffer.from(cursor.bytes.subarray(cursor.partStart, cursor.partEnd)).toString("hex");
  };
  const item = Buffer.from(cursor.bytes.subarray(cursor.start, cursor.end)).toString("hex");
  const metric = cursor.signal === "metrics" ? `${part(METRIC, metricField.name)} ${part(DATA, 2)}` : "";
  return `${part(RESOURCE, 1)} ${part(RESOURCE, 3)} ${part(SCOPE, 1)} ${part(SCOPE, 3)} ${metric} ${item}`;
}

function itemsOf(signal: Signal, chunk: Uint8Array): string[] {
  const cursor = new ItemCursor(signal).reset(chunk);
  const items: string[] = [];
  while (cursor.next()) items.push(describe(cursor));
  return items;
}

test("tells at each item which parents are new", () => {
  const cursor = new ItemCursor("traces").reset(traces("r1[s1(a b) s2(c)] r2[s3(d)]"));
  const seen: string[] = [];
  while (cursor.next()) seen.push(`${nameOf(cursor)}:${cursor.entered}`);
  assert.deepEqual(seen, ["a:1", "b:3", "c:2", "d:1"]);
});

test("finds the resource of an item and its attributes", () => {
  const cursor = new ItemCursor("traces").reset(traces("r1[s1(a)] r2[s2(b)]"));
  const keys: string[] = [];
  while (cursor.next()) {
    cursor.resource();
    const attribute = new AttributeCursor().reset(cursor.bytes, cursor.partStart, cursor.partEnd, 1);
    while (attribute.next()) keys.push(attribute.keyText());
  }
  assert.deepEqual(keys, ["r1", "r2"]);
});
