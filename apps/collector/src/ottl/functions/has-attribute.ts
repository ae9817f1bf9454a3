import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { AttributeCursor } from "../../signals/otlp/attribute-cursor.ts";
import { metricData, pointAttributes } from "../../signals/otlp/fields.ts";
import { readValue } from "../telemetry/any-value.ts";
import type { Frame } from "../telemetry/frame.ts";
import { StatementError } from "../value.ts";
import { constantString, define, type FunctionDefinition } from "./function.ts";

/** What conditions about metrics may call: they look at the data points. */
export const datapointConditionFunctions: readonly FunctionDefinition[] = [
  define("HasAttrKeyOnDatapoint", { key: constantString }, ({ key }) => hasAttribute(key, undefined)),
  define("HasAttrOnDatapoint", { key: constantString, expected_val: constantString }, ({ key, expected_val: expected }) =>
    hasAttribute(key, expected),
  ),
];

const points = new ProtobufReader();
const attributes = new AttributeCursor();

/** Whether a data point has the key; of the first that has it, whether the value is the expected one. */
function hasAttribute(key: string, expected: string | undefined): (frame: Frame) => boolean {
  const name = Buffer.from(key);
  return ({ item, pointKind }) => {
    if (pointKind === 0) throw new StatementError("unknown metric type");
    const start = item.startOf(pointKind);
    const data = points.reset(item.bytesOf(pointKind), start, item.endOf(pointKind));
    while (data.next()) {
      if (data.field !== metricData.points) continue;
      if (!attributes.reset(data.bytes, data.start, data.stop, pointAttributes(pointKind)).find(name)) continue;
      if (expected === undefined) return true;
      const value = readValue(data.bytes, attributes.valueStart, attributes.valueEnd);
      return (typeof value === "string" ? value : "") === expected;
    }
    return false;
  };
}
