import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asArray, asBool, asCapsule, asInteger, asNumber, asObject, asOptionalSecret, asSecret, asString, numberText } from "./convert.ts";
import { EvaluationError } from "./diagnostic.ts";
import { printValue } from "./print-value.ts";
import { Capsule, objectOf, Secret, type Value } from "./value.ts";

const object = objectOf([["a", 1n]]);
const receiver = new Capsule("loki.LogsReceiver", {});
const secret = new Secret("hush");
const optional = new Secret("open", false);

// The result, a secret as what it shows, or ! and the message.
function attempt(convert: (value: Value) => unknown, value: Value): unknown {
  try {
    const result = convert(value);
    return result instanceof Secret ? `${result}/${result.reveal()}` : result;
  } catch (error) {
    assert.ok(error instanceof EvaluationError);
    return `! ${error.message}`;
  }
}

const cases: readonly (readonly [convert: (value: Value) => unknown, value: Value, result: unknown])[] = [
  [asString, "x", "x"],
  [asString, 5n, "5"],
  [asString, 1.5, "1.5"],
  [asString, 1e21, "1000000000000000000000"],
  [asString, null, ""],
  [asString, optional, "open"],
  [asString, secret, "! secrets may not be converted into strings"],
  [asString, true, "! should be string, got bool"],
  [asString, [], "! should be string, got array"],
  [asString, object, "! should be string, got object"],
  [asString, receiver, "! should be string, got capsule"],
  [asNumber, 5n, 5],
  [asNumber, 1.5, 1.5],
  [asNumber, "5", 5],
  [asNumber, "-5", -5],
  [asNumber, "1.5", 1.5],
  [asNumber, "1e3", 1000],
  [asNumber, ".5", 0.5],
  [asNumber, "18446744073709551615", 2 ** 64],
  [asNumber, null, 0],
  [asNumber, new Secret("7", false), 7],
  [asNumber, new Secret("7"), "! should be number, got capsule"],
  [asNumber, "", "! should be number, got string"],
  [asNumber, "-1.5", "! should be number, got string"],
  [asNumber, "+1", "! should be number, got string"],
  [asNumber, "0x10", "! should be number, got string"],
  [asNumber, "x", "! should be number, got string"],
  [asNumber, "1e400", "! should be number, got string"],
  [asNumber, "18446744073709551616", "! should be number, got string"],
  [asNumber, "-9223372036854775809", "! should be number, got string"],
  [asNumber, true, "! should be number, got bool"],
  [asInteger, 5n, 5n],
  [asInteger, 2.9, 2n],
  [asInteger, -2.9, -2n],
  [asInteger, "9223372036854775808", 9223372036854775808n],
  [asInteger, "1.9", 1n],
  [asInteger, null, 0n],
  [asInteger, 1e30, "! 1e+30 does not fit into 64 bits"],
  [asInteger, Number.NaN, "! NaN does not fit into 64 bits"],
  [asInteger, [], "! should be number, got array"],
  [asBool, true, true],
  [asBool, null, false],
  [asBool, "true", "! should be bool, got string"],
  [asBool, 1n, "! should be bool, got number"],
  [asSecret, "x", "(secret)/x"],
  [asSecret, secret, "(secret)/hush"],
  [asSecret, optional, "(secret)/open"],
  [asSecret, null, "(secret)/"],
  [asSecret, 1n, "! should be capsule, got number"],
  [asSecret, receiver, '! expected capsule("alloytypes.Secret"), got capsule("loki.LogsReceiver")'],
  [asOptionalSecret, "x", "x/x"],
  [asOptionalSecret, secret, "(secret)/hush"],
  [asOptionalSecret, optional, "open/open"],
  [asOptionalSecret, null, "/"],
  [asOptionalSecret, [], "! should be capsule, got array"],
  [asArray, [1n], [1n]],
  [asArray, null, []],
  [asArray, "x", "! should be array, got string"],
  [asArray, object, "! should be array, got object"],
  [asObject, object, object],
  [asObject, null, Object.create(null)],
  [asObject, [], "! should be object, got array"],
  [asObject, secret, "! should be object, got capsule"],
  [asObject, receiver, "! should be object, got capsule"],
  [(value) => asCapsule(value, "a", "loki.LogsReceiver"), receiver, receiver],
  [(value) => asCapsule(value, "a"), null, null],
  [(value) => asCapsule(value, "otelcol.Consumer"), receiver, '! expected capsule("otelcol.Consumer"), got capsule("loki.LogsReceiver")'],
  [(value) => asCapsule(value, "otelcol.Consumer"), "x", '! expected capsule("otelcol.Consumer"), got string'],
];

test("converts values as the incumbent does", () => {
  for (const [convert, value, expected] of cases)
    assert.deepEqual(attempt(convert, value), expected, `${convert.name || "asCapsule"} of ${printValue(value)}`);
});

test("prints numbers so that they read back the same, without exponents", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = numberText(number);
      assert.match(text, /^-?\d+(\.\d+)?$/);
      assert.ok(Object.is(Number(text), number), text);
    }),
  );
});

test("never shows a secret by accident", () => {
  assert.equal(`${secret} ${JSON.stringify({ secret })}`, '(secret) {"secret":"(secret)"}');
  assert.ok(!Object.values(secret).includes("hush"));
});
