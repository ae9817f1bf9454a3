export { chartDefaults } from "./chart-defaults.ts";
export { valuesSchema } from "./schema.ts";
