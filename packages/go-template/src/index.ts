export { type Budget, defaultBudget, type ExecuteOptions } from "./execute.ts";
export { any, anyMap, anySlice, flag, float, fn, int, int64Param, type Param, text, variadic } from "./function.ts";
export { type GoSequence, sequence } from "./sequence.ts";
export { type SprigWorld, sprigFunctions } from "./sprig/sprig.ts";
export { TemplateError, type TemplateErrorPlace } from "./template-error.ts";
export { execute, type FunctionTable, parseTemplate, type TemplateOptions, TemplateSet } from "./template-set.ts";
