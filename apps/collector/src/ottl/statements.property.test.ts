import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../tests/fuzz-time.ts";
import { protobufFromJson } from "../signals/otlp/json-to-protobuf.ts";
import { jsonFromProtobuf } from "../signals/otlp/protobuf-to-json.ts";
import { requests } from "../signals/otlp/schema.ts";
import { compileStatements } from "./compile.ts";
import { Frame } from "./telemetry/frame.ts";
import { Walk } from "./telemetry/walk.ts";

// Statements change bytes in place; here they are held against changes of plain objects.

type Attributes = Map<string, string>;
interface LogModel {
  body: string;
  severity: number;
  readonly attributes: Attributes;
}
interface ScopeModel {
  name: string;
  readonly attributes: Attributes;
  readonly logs: readonly LogModel[];
}
interface ResourceModel {
  readonly attributes: Attributes;
  readonly scopes: readonly ScopeModel[];
}
type Change = (on: { log: LogModel; scope: ScopeModel; resource: ResourceModel }) => void;

type Step = readonly [statement: string, change: Change];

const key = fc.constantFrom("a", "b", "c", "d.e");
const text = fc.constantFrom("", "x", "longer than that", "y".repeat(300));
const attributes = fc.uniqueArray(fc.tuple(key, text), { selector: ([name]) => name }).map((list) => new Map(list));
const log = fc.record({ body: text, severity: fc.nat(24), attributes });
const scope = fc.record({ name: text, attributes, logs: fc.array(log, { maxLength: 3 }) });
const telemetry = fc.array(fc.record({ attributes, scopes: fc.array(scope, { maxLength: 2 }) }), { maxLength: 2 });

const owner = fc.constantFrom("log", "scope", "resource");
const statements: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(owner, key, text)
    .map<Step>(([on, name, value]) => [`set(${on}.attributes["${name}"], "${value}")`, (all) => all[on].attributes.set(name, value)]),
  fc.tuple(owner, key).map<Step>(([on, name]) => [`delete_key(${on}.attributes, "${name}")`, (all) => all[on].attributes.delete(name)]),
  fc.tuple(owner, key, owner, key).map<Step>(([to, a, from, b]) => [
    `set(${to}.attributes["${a}"], ${from}.attributes["${b}"])`,
    (all) => {
      const value = all[from].attributes.get(b);
      if (value !== undefined) all[to].attributes.set(a, value);
    },
  ]),
  fc.tuple(owner, key).map<Step>(([on, name]) => [
    `keep_keys(${on}.attributes, ["${name}"])`,
    (all) => {
      for (const each of all[on].attributes.keys()) if (each !== name) all[on].attributes.delete(each);
    },
  ]),
  fc.tuple(owner, text).map<Step>(([on, value]) => [
    `replace_all_patterns(${on}.attributes, "value", "^x$", "${value}")`,
    (all) => {
      for (const [name, old] of all[on].attributes) if (old === "x") all[on].attributes.set(name, value);
    },
  ]),
  text.map<Step>((value) => [
    `set(log.body, "${value}")`,
    ({ log: on }) => {
      on.body = value;
    },
  ]),
  fc.nat(24).map<Step>((value) => [
    `set(log.severity_number, ${value}) where log.severity_number > 3`,
    ({ log: on }) => {
      if (on.severity > 3) on.severity = value;
    },
  ]),
  text.map<Step>((value) => [
    `set(scope.name, Concat([scope.name, "${value}"], "")) where log.attributes["a"] == nil`,
    ({ log: on, scope: above }) => {
      if (!on.attributes.has("a")) above.name += value;
    },
  ]),
);

const listed = (map: Attributes): unknown[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, stringValue]) => ({ key: name, value: { stringValue } }));

function encoded(resources: readonly ResourceModel[]): Uint8Array {
  const request = {
    resourceLogs: resources.map((resource) => ({
      resource: { attributes: listed(resource.attributes) },
      scopeLogs: resource.scopes.map(({ name, attributes: own, logs }) => ({
        scope: { name, attributes: listed(own) },
        logRecords: logs.map((each) => ({
          body: { stringValue: each.body },
          severityNumber: each.severity,
          attributes: listed(each.attributes),
        })),
      })),
    })),
  };
  return protobufFromJson(requests.logs, Buffer.from(JSON.stringify(request)));
}

/** The telemetry as objects again, attributes in order. */
function decoded(chunk: Uint8Array): unknown {
  return JSON.parse(jsonFromProtobuf(requests.logs, [chunk]), (name, value) =>
    name === "attributes" ? value.toSorted((a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1)) : value,
  );
}

test("statements over bytes do what they would do to objects", () => {
  fc.assert(
    fc.property(telemetry, fc.array(statements, { minLength: 1, maxLength: 8 }), (resources, list) => {
      const chunk = encoded(resources);
      const { diagnostics, execute } = compileStatements(
        "log",
        list.map(([statement]) => statement),
      );
      assert.deepEqual(diagnostics, []);
      const visit = (frame: Frame): boolean => {
        execute(frame);
        return false;
      };
      const changed = new Walk(new Frame("logs"), { log: visit }).run(chunk, undefined);
      for (const resource of resources)
        for (const each of resource.scopes)
          for (const item of each.logs) for (const [, change] of list) change({ log: item, scope: each, resource });
      assert.deepEqual(withoutEmpty(decoded(changed)), withoutEmpty(decoded(encoded(resources))));
    }),
    fuzzParameters(),
  );
});

test("statements that change nothing leave the very bytes", () => {
  const { execute } = compileStatements("log", [
    'set(log.attributes["a"], "b") where log.body == "none has this"',
    'delete_key(log.attributes, "z")',
  ]);
  fc.assert(
    fc.property(telemetry, (resources) => {
      const chunk = encoded(resources);
      const visit = (frame: Frame): boolean => {
        execute(frame);
        return false;
      };
      assert.equal(new Walk(new Frame("logs"), { log: visit }).run(chunk, undefined), chunk);
    }),
    fuzzParameters(),
  );
});

/** What is there but says nothing is the same as what isn't. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, withoutEmpty(each)] as const)
      .filter(
        ([name, each]) =>
          name === "value" || (each !== "" && each !== 0 && (typeof each !== "object" || Object.keys(each as object).length > 0)),
      ),
  );
}
