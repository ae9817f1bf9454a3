export { chartDefaults } from "./chart-defaults.ts";
export { parts } from "./parts.ts";
export { valuesReference } from "./reference.ts";
export { valuesSchema } from "./schema.ts";
