import type { Metadata } from "../signals/client-info.ts";
import type { Signal } from "../signals/otlp/batch.ts";
import { protobufFromJson } from "../signals/otlp/json-to-protobuf.ts";
import { jsonFromProtobuf } from "../signals/otlp/protobuf-to-json.ts";
import { requests } from "../signals/otlp/schema.ts";
import { compileStatements } from "./compile.ts";
import type { ContextName } from "./contexts/context.ts";
import type { FunctionDefinition } from "./functions/function.ts";
import { Frame } from "./telemetry/frame.ts";
import { Walk } from "./telemetry/walk.ts";

// Tests of statements speak OTLP/JSON: what goes in, and what comes out.

export const signalOf: Readonly<Record<ContextName, Signal>> = {
  resource: "logs",
  scope: "logs",
  span: "traces",
  spanevent: "traces",
  metric: "metrics",
  datapoint: "metrics",
  exemplar: "metrics",
  log: "logs",
};

/** Carries out statements on a request in OTLP/JSON and gives the request after them. Throws on what they don't compile or fail with. */
export function transform(
  context: ContextName,
  statements: readonly string[],
  request: unknown,
  options: { signal?: Signal; metadata?: Metadata; functions?: readonly FunctionDefinition[] } = {},
): unknown {
  const signal = options.signal ?? signalOf[context];
  const { diagnostics, execute } = compileStatements(context, statements, { functions: options.functions ?? [] });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const frame = new Frame(signal);
  const walk = new Walk(frame, {
    [context]: (on: Frame) => {
      on.cache = new Map();
      execute(on);
      return false;
    },
  });
  const chunk = protobufFromJson(requests[signal], Buffer.from(JSON.stringify(request)));
  const client = options.metadata === undefined ? undefined : { metadata: options.metadata, address: "192.0.2.1" };
  return JSON.parse(jsonFromProtobuf(requests[signal], [walk.run(chunk, client)]));
}
