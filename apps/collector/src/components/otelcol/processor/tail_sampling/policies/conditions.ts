import { ProtobufReader } from "../../../../../bytes/protobuf-reader.ts";
import { compileConditions, type ErrorMode } from "../../../../../ottl/compile.ts";
import { Frame } from "../../../../../ottl/telemetry/frame.ts";
import type { StatementError } from "../../../../../ottl/value.ts";
import { spanField } from "../../../../../signals/otlp/fields.ts";
import type { Policy } from "./policy.ts";

/** Keeps traces with a span or event that meets a condition. */
export function ottlCondition(
  args: { readonly error_mode: string; readonly span: readonly string[]; readonly spanevent: readonly string[] },
  onError: (error: StatementError, text: string) => void,
): Policy {
  const options = { errorMode: args.error_mode.toLowerCase() as ErrorMode, onError };
  const ofSpan = args.span.length === 0 ? undefined : compileConditions("span", args.span, options);
  const ofEvent = args.spanevent.length === 0 ? undefined : compileConditions("spanevent", args.spanevent, options);
  const frame = new Frame("traces");
  const fields = new ProtobufReader();
  return ({ chunk, cursor }) => {
    frame.begin(undefined);
    cursor.reset(chunk);
    while (cursor.next()) {
      frame.at(cursor);
      if (ofSpan?.evaluate(frame) === true) return "sampled";
      if (ofEvent === undefined) continue;
      frame.eventIndex = 0;
      fields.reset(chunk, cursor.start, cursor.end);
      while (fields.next()) {
        if (fields.field !== spanField.events) continue;
        frame.enterEvent(chunk, fields.start, fields.stop);
        if (ofEvent.evaluate(frame)) return "sampled";
        frame.eventIndex++;
      }
    }
    return "not_sampled";
  };
}
