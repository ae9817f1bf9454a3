export * from "./ast.ts";
export * from "./convert.ts";
export * from "./diagnostic.ts";
export * from "./scope.ts";
export * from "./value.ts";
