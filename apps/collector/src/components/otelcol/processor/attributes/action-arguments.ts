import type { Value } from "@invar/alloy-syntax";
import { compileRegexp, GoError, quote } from "@invar/go-compat";
import { any, type Decoded, defaulted, optional, type Report, required, string } from "../../../../component/arguments.ts";
import { configuredValue } from "../../../../signals/otlp/configured-value.ts";

/** The inside of an `action` block. */
export const actionArguments = {
  arguments: {
    key: defaulted(string, "The attribute to act upon.", ""),
    action: required(string, "insert, update, upsert, delete, hash, extract or convert."),
    value: optional(any, "The value to give: a string, number or boolean."),
    pattern: defaulted(
      string,
      "For extract, what to find in the value, in named groups; for delete and hash, keys to act upon as well.",
      "",
    ),
    from_attribute: defaulted(string, "The attribute whose value to give.", ""),
    from_context: defaulted(
      string,
      "What to give of the sender: `metadata.` and a header's name, `auth.` and what authentication found out, or `client.address`.",
      "",
    ),
    converted_type: defaulted(string, "For convert: int, double or string.", ""),
  },
} as const;

export type ActionArguments = Decoded<typeof actionArguments>;

const kinds = ["insert", "update", "upsert", "delete", "hash", "extract", "convert"] as const;
export type ActionKind = (typeof kinds)[number];

/** The action's kind, whose case does not count; undefined where there is none of that name. */
export function actionKind(name: string): ActionKind | undefined {
  return kinds.find((kind) => kind === name.toLowerCase());
}

/** Reports what is wrong with the actions. */
export function checkActions(actions: readonly ActionArguments[], report: Report): void {
  for (const [i, action] of actions.entries()) {
    const fault = faultOf(action);
    if (fault !== undefined) report(`validation failed for action block number ${i + 1}: ${fault}`, "action");
  }
}

function faultOf(action: ActionArguments): string | undefined {
  const kind = actionKind(action.action);
  if (kind === undefined) return `unsupported action ${quote(action.action)}: write one of ${kinds.join(", ")}`;
  const takesPattern = kind === "delete" || kind === "hash";
  if (action.key === "" && (!takesPattern || action.pattern === ""))
    return takesPattern
      ? `the action ${action.action} requires at least the key argument or the pattern argument to be set`
      : `the action ${action.action} requires the key argument to be set`;
  const sources = [action.value !== undefined && action.value !== null, action.from_attribute !== "", action.from_context !== ""];
  const sourceCount = sources.filter(Boolean).length;
  const unused = (name: string) => `the action ${action.action} does not use ${name}: remove it`;
  switch (kind) {
    case "insert":
    case "update":
    case "upsert":
      if (sourceCount === 0) return "one of value, from_attribute or from_context must be specified";
      if (sourceCount > 1) return "only one of value, from_attribute and from_context can be specified";
      if (action.pattern !== "") return unused("pattern");
      if (action.converted_type !== "") return unused("converted_type");
      return valueFault(action.value);
    case "delete":
    case "hash":
      if (sources[0] === true || sources[1] === true) return unused("value or from_attribute");
      if (action.converted_type !== "") return unused("converted_type");
      return action.pattern === "" ? undefined : patternFault(action.pattern);
    case "extract":
      if (sourceCount > 0) return unused("value, from_attribute or from_context");
      if (action.converted_type !== "") return unused("converted_type");
      if (action.pattern === "") return "the action extract requires the pattern argument to be set";
      return patternFault(action.pattern) ?? groupFault(action.pattern);
    case "convert":
      if (sourceCount > 0 || action.pattern !== "") return unused("value, from_attribute, from_context or pattern");
      if (action.converted_type === "") return "the action convert requires the converted_type argument to be set";
      if (!["int", "double", "string"].includes(action.converted_type))
        return `invalid converted_type ${quote(action.converted_type)}: write int, double or string`;
      return undefined;
    default:
      return kind satisfies never;
  }
}

function valueFault(value: Value | undefined): string | undefined {
  if (value === undefined || configuredValue(value) !== undefined) return undefined;
  return "value can't be sent as an attribute: write a string, number or boolean";
}

function patternFault(pattern: string): string | undefined {
  try {
    compileRegexp(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return `pattern is invalid: ${error.message}`;
    throw error;
  }
}

function groupFault(pattern: string): string | undefined {
  const groups = compileRegexp(pattern).groupNames.slice(1);
  if (groups.length === 0) return "pattern contains no named groups: write (?P<name>…)";
  return groups.includes("") ? "pattern contains a group without a name: write (?P<name>…) or (?:…)" : undefined;
}
