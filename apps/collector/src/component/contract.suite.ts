import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "@invar/alloy-syntax";
import { FakeClock } from "./clock.ts";
import type { Component, Definition } from "./definition.ts";
import { tryDecodeText } from "./from-text.ts";
import { testContext } from "./testing.ts";

/** A configuration that a component accepts, for the tests that every component passes. */
export interface Sample {
  /** The inside of its block. */
  readonly text: string;
  /** The same with something changed, which an update takes. */
  readonly changed?: string;
  /** Names that the texts use. */
  readonly names?: Readonly<Record<string, Value>>;
}

type AnyDefinition = Definition & { create(context: unknown, args: unknown): Component<unknown> | Promise<Component<unknown>> };

/** What every component keeps, whatever it does. */
export function keepsTheContract(definition: Definition, sample: Sample): void {
  const { name } = definition;
  const decode = (text: string) => {
    const { args, diagnostics } = tryDecodeText(definition, text, sample.names);
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
      [],
    );
    return args ?? assert.fail("no arguments came of it");
  };
  const create = async (text: string) => {
    const context = testContext({ id: `${name}.contract`, clock: new FakeClock(), storage: true });
    return { context, component: await (definition as AnyDefinition).create(context, decode(text)) };
  };

  test(`${name} shows every export as soon as it is created, and nothing else`, async () => {
    const { context, component } = await create(sample.text);
    await component.stop(AbortSignal.abort());
    assert.deepEqual(Object.keys(context.exports).sort(), Object.keys(definition.exports).sort());
  });

  test(`${name} starts, takes an update, tells of itself in JSON, and stops`, async () => {
    const { context, component } = await create(sample.text);
    const before = { ...context.exports };
    await component.start();
    await component.update(decode(sample.text));
    await component.update(decode(sample.changed ?? sample.text));
    const info = component.debugInfo?.();
    assert.doesNotThrow(() => JSON.stringify(info));
    await component.stop(AbortSignal.timeout(5_000));
    for (const [key, { type }] of Object.entries(definition.exports))
      if (type.kind === "capsule" && type.capsule !== "relabel.Rules")
        assert.equal(context.exports[key], before[key], `the export ${key} keeps its identity`);
    assert.deepEqual(context.exits, []);
  });

  test(`${name} stops at once where the deadline has passed, without having started`, async () => {
    const { component } = await create(sample.text);
    await component.stop(AbortSignal.abort());
  });

  test(`${name} refuses an argument that it does not know`, () => {
    const { diagnostics } = tryDecodeText(definition, `${sample.text}\nno_such_argument = 1`, sample.names);
    assert.deepEqual(
      diagnostics.map(({ message }) => message).filter((message) => message.includes("no_such_argument")),
      ['unrecognized attribute name "no_such_argument"'],
    );
  });

  test(`${name} says in a sentence what it and each of its arguments are for`, () => {
    assert.match(definition.summary, /^[A-Z].*\.$/);
    for (const [argument, { doc }] of Object.entries(definition.arguments ?? {})) assert.match(doc, /^\S.*\.$/, argument);
    for (const [key, { doc }] of Object.entries(definition.exports)) assert.match(doc, /^\S.*\.$/, key);
  });
}
