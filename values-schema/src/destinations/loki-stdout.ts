import { text } from "../words.ts";
import { destination } from "./destination.ts";

export const lokiStdout = destination("The collector's own output, to look at logs.", "loki-stdout", {
  logProcessingRules: text("`rule` blocks of loki.relabel that every line passes first."),
  logProcessingStages: text("Stages of loki.process that every line passes before it is printed."),
});
