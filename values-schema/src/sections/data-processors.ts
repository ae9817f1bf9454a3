import { Type } from "@sinclair/typebox";
import { table } from "../words.ts";

export const dataProcessors = table(
  "What data passes between features and destinations, by name: not there yet, any entry fails.",
  Type.Object({}, { additionalProperties: true }),
);
