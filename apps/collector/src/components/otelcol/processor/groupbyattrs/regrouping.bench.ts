// node regrouping.bench.ts: CPU seconds a million spans that are grouped by one of their attributes.
import { encodeRequest, typicalSpans } from "../../../../signals/otlp/testing.ts";
import { Regrouping } from "./regrouping.ts";

const chunk = encodeRequest("traces", typicalSpans(100));
for (const keys of [["http.route"], ["app.customer"], []]) {
  const regrouping = new Regrouping("traces", keys);
  for (let i = 0; i < 500; i++) regrouping.regroup([chunk]);
  const before = process.cpuUsage();
  for (let i = 0; i < 2000; i++) regrouping.regroup([chunk]);
  const used = process.cpuUsage(before);
  console.log(`by [${keys}]: ${((used.user + used.system) / 1e6 / 0.2).toFixed(2)} CPU-s a million spans`);
}
