import { spanField } from "../../signals/otlp/fields.ts";
import { define, type FunctionDefinition } from "./function.ts";

/** What only statements about spans may call. */
export const spanFunctions: readonly FunctionDefinition[] = [
  define("IsRootSpan", {}, () => ({ item }) => {
    const bytes = item.bytesOf(spanField.parentSpanId);
    for (let at = item.startOf(spanField.parentSpanId); at < item.endOf(spanField.parentSpanId); at++) if (bytes[at] !== 0) return false;
    return true;
  }),
];
