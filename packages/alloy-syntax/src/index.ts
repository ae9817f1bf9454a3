export * from "./ast.ts";
export * from "./diagnostic.ts";
export * from "./value.ts";
