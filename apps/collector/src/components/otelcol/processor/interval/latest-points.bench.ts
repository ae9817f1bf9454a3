// node latest-points.bench.ts: CPU seconds a million points of 1,000 streams.
import { Budget } from "../../../../delivery/budget.ts";
import { ItemCursor } from "../../../../signals/otlp/item-cursor.ts";
import { attributes, encodeRequest } from "../../../../signals/otlp/testing.ts";
import { LatestPoints } from "./latest-points.ts";

const points = new LatestPoints(new Budget(2 ** 30));
const chunks = Array.from({ length: 20 }, (_, round) => {
  const dataPoints = Array.from({ length: 1000 }, (_, i) => ({
    timeUnixNano: String(round + 1),
    asInt: String(i),
    attributes: attributes({ "http.method": "GET", "http.route": `/r${i}`, "net.host.name": "shop" }),
  }));
  return encodeRequest("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints } }] }] }] });
});
const cursor = new ItemCursor("metrics");
function round(): void {
  for (const chunk of chunks) {
    points.begin();
    cursor.reset(chunk);
    while (cursor.next()) {
      points.entered(cursor.entered);
      points.keep(cursor);
    }
  }
  points.take();
}
for (let i = 0; i < 5; i++) round();
const before = process.cpuUsage();
for (let i = 0; i < 20; i++) round();
const used = process.cpuUsage(before);
console.log(`${((used.user + used.system) / 1e6 / 0.4).toFixed(2)} CPU-s a million points`);
