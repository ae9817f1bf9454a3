import { section, text } from "../words.ts";

export const cluster = section("The cluster, as telemetry names it.", {
  name: text("Its name."),
  nameFrom: text("An expression of the configuration language that gives it."),
});
