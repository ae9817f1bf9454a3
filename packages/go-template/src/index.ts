export { type Budget, defaultBudget, type ExecuteOptions, type Observer } from "./execute.ts";
export { any, anyMap, anySlice, flag, float, fn, int, int64Param, type Param, text, variadic } from "./function.ts";
export { GO_STRING_FUNCTIONS } from "./go-strings.ts";
export { durationValue, timeText, timeValue } from "./go-time.ts";
export type { CommandNode, ListNode, Node, Operand, PipeNode, Statement, VariableNode } from "./nodes.ts";
export { parseTrees, type Tree } from "./parser.ts";
export { type GoSequence, sequence } from "./sequence.ts";
export { satisfies } from "./sprig/constraint.ts";
export { deepCopy } from "./sprig/deep-copy.ts";
export { parseUrl } from "./sprig/go-url.ts";
export { decodeJson } from "./sprig/json-decode.ts";
export { encodeJson, type JsonStyle } from "./sprig/json-encode.ts";
export { type SprigWorld, sprigFunctions } from "./sprig/sprig.ts";
export { placeOf, TemplateError, type TemplateErrorPlace } from "./template-error.ts";
export {
  execute,
  type FunctionTable,
  type ParsedTemplates,
  parseTemplate,
  parseText,
  type TemplateOptions,
  TemplateSet,
} from "./template-set.ts";
