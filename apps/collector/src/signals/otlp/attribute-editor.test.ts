import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { AnyValueReader, writeInt, writeString } from "./any-value.ts";
import { AttributeEditor } from "./attribute-editor.ts";
import { Resource } from "./schema.ts";
import { attributes, decode, encode, plainAttributes } from "./testing.ts";

const attributesField = 1;

function text(value: string): Uint8Array {
  const writer = new ProtobufWriter();
  writeString(writer, value);
  return writer.toBytes();
}

function edit(content: Readonly<Record<string, string | number>>, change: (editor: AttributeEditor) => void): Record<string, unknown> {
  const message = encode(Resource, { droppedAttributesCount: 3, attributes: attributes(content) });
  const padded = Buffer.concat([Buffer.from([1, 2, 3]), message]);
  const editor = new AttributeEditor().reset(padded, 3, padded.length, attributesField);
  change(editor);
  const writer = new ProtobufWriter();
  editor.write(writer);
  if (!editor.isChanged) assert.deepEqual(Buffer.from(writer.toBytes()), Buffer.from(message));
  const resource = decode(Resource, writer.toBytes());
  assert.equal(resource.droppedAttributesCount, 3);
  return plainAttributes(resource.attributes);
}

const key = (name: string) => Buffer.from(name);

test("sets, adds and removes attributes and keeps the others in place", () => {
  const result = edit({ a: 1, b: "two", c: 3 }, (editor) => {
    editor.remove(editor.find(key("a")));
    editor.set(editor.find(key("b")), text("changed"));
    editor.add(key("d"), text("new"));
  });
  assert.deepEqual(Object.entries(result), [
    ["b", "changed"],
    ["c", 3],
    ["d", "new"],
  ]);
});

test("a removed attribute is not found and can come again", () => {
  const result = edit({ a: "1" }, (editor) => {
    editor.remove(editor.find(key("a")));
    assert.equal(editor.find(key("a")), -1);
    editor.put(key("a"), text("again"));
    editor.put(key("a"), text("and again"));
    assert.equal(editor.value(editor.find(key("a")), new AnyValueReader()).text(), "and again");
  });
  assert.deepEqual(result, { a: "and again" });
});

test("the same value is no change", () => {
  edit({ a: "same" }, (editor) => {
    editor.put(key("a"), text("same"));
    assert.equal(editor.isChanged, false);
  });
});

test("copies values between attributes, old and new", () => {
  const result = edit({ a: 1, b: "x" }, (editor) => {
    editor.copyValue(editor.find(key("b")), -1, key("c"));
    editor.copyValue(editor.find(key("c")), editor.find(key("a")), key("a"));
    editor.copyValue(editor.find(key("a")), -1, key("d"));
  });
  assert.deepEqual(result, { a: "x", b: "x", c: "x", d: "x" });
});

test("any sequence of changes does what it does to a map", () => {
  const name = fc.constantFrom("a", "b", "c", "dd", "e.e");
  const step = fc.record({ kind: fc.constantFrom("put", "remove", "insert", "copy"), name, other: name, value: fc.integer() });
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ maxLength: 5 })), fc.array(step, { maxLength: 200 }), (content, steps) => {
      const model = new Map<string, unknown>(Object.entries(content));
      const writer = new ProtobufWriter();
      const result = edit(content, (editor) => {
        for (const { kind, name, other, value } of steps) {
          writer.clear();
          writeInt(writer, value | 0, value < 0 ? -1 : 0);
          const i = editor.find(key(name));
          assert.equal(i >= 0, model.has(name));
          if (kind === "remove" && i >= 0) {
            editor.remove(i);
            model.delete(name);
          } else if (kind === "put" || (kind === "insert" && i < 0)) {
            editor.put(key(name), writer.bytes, 0, writer.length);
            model.set(name, value);
          } else if (kind === "copy" && i >= 0) {
            editor.copyValue(i, editor.find(key(other)), key(other));
            model.set(other, model.get(name));
          }
        }
      });
      assert.deepEqual(result, Object.fromEntries(model));
    }),
  );
});
