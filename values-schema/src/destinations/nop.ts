import { flag, section } from "../words.ts";
import { destination } from "./destination.ts";

const signal = (name: string) => section(`The ${name} that go here.`, { enabled: flag("Whether any do.", true) });

export const nop = destination("Nowhere: what comes is dropped.", "nop", {
  metrics: signal("metrics"),
  logs: signal("logs"),
  traces: signal("traces"),
});
