import type { GoValue } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import { type CheckedObject, type FieldPath, fieldText, type LintInput } from "./lint-input.ts";
import { valuesKeyOf } from "./values-key.ts";

interface Remark {
  readonly rule: string;
  readonly severity: Finding["severity"];
  /** Behind the object's name. */
  readonly message: string;
  readonly fix?: string;
  /** Lines of a long text between its key and what is meant. */
  readonly below?: number;
}

/** A finding about a field of an object, with the template's line that wrote it and the value that was read there. */
export function objectFinding(input: LintInput, object: CheckedObject, path: FieldPath, remark: Remark): Finding {
  const line = object.lineOf(path, remark.below);
  const file = object.manifest.path;
  const excerpt = object.manifest.rendered.source.split("\n")[line - 1]?.trimEnd();
  const valuesKey = valuesKeyOf(input, { file, line }, path, valueAt(object, path));
  const field = path.length === 0 ? "" : ` ${fieldText(path)}:`;
  return {
    rule: remark.rule,
    severity: remark.severity,
    message: `${object.kind} ${object.name}:${field} ${remark.message}`,
    place: { file, line },
    ...(excerpt === undefined ? {} : { excerpt }),
    ...(valuesKey === undefined ? {} : { valuesKey }),
    ...(remark.fix === undefined ? {} : { fix: remark.fix }),
  };
}

function valueAt(object: CheckedObject, path: FieldPath): GoValue | undefined {
  let value: GoValue | undefined = object.content;
  for (const step of path) {
    if (value instanceof Map) value = value.get(String(step));
    else if (Array.isArray(value)) value = value[Number(step)];
    else return undefined;
  }
  return value;
}
