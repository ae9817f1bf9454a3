import { writeFileSync } from "node:fs";
import { cases } from "./cases.ts";
import { askEndpoint, RECORDED_ENDPOINT } from "./prometheus-endpoint.ts";

// node record-prometheus.ts: asks the real Prometheus that ci/install has built, and keeps its answers.
writeFileSync(RECORDED_ENDPOINT, `${JSON.stringify(await askEndpoint(cases.metrics), undefined, 1)}\n`);
