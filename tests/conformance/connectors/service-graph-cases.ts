import { type Attributes, attributesOf, type Case, traces } from "./case.ts";

const span = (kind: number, id: number, ms: number, attributes: Attributes = {}, more: object = {}) => {
  const hex = id.toString(16).padStart(16, "0");
  return {
    traceId: "0102030405060708090a0b0c0d0e0f10",
    kind,
    ...(kind === 3 || kind === 4 ? { spanId: hex } : { spanId: "ffffffffffffffff", ...(id === 0 ? {} : { parentSpanId: hex }) }),
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(ms * 1e6)),
    attributes: attributesOf(attributes),
    ...more,
  };
};
const input = [
  traces([span(3, 1, 20, { "http.method": "GET" }), span(4, 2, 5), span(3, 3, 7, { "db.name": "orders" }), span(1, 9, 1)], {
    "service.name": "shop",
    zone: "a",
  }),
  traces([span(2, 1, 15, { "http.method": "PUT" }, { status: { code: 2 } }), span(5, 2, 700)], { "service.name": "cart", zone: 7 }),
  traces([span(3, 4, 3, { "peer.service": "bank", "db.system": "mysql" }), span(3, 5, 3), span(2, 0, 2500), span(2, 77, 1)], {
    "service.name": "late",
  }),
  traces([span(3, 6, 3)], {}),
];

const settings: readonly { readonly name: string; readonly config: object; readonly text: string }[] = [
  { name: "as it is", config: { virtual_node_peer_attributes: ["peer.service", "db.name", "db.system"] }, text: "" },
  {
    name: "dimensions, virtual nodes, exponential buckets",
    config: { dimensions: ["http.method", "zone"], virtual_node_extra_label: true, exponential_histogram_max_size: 20 },
    text: 'dimensions = ["http.method", "zone"]\nvirtual_node_extra_label = true\nexponential_histogram_max_size = 20',
  },
  {
    name: "few buckets, other databases, no virtual nodes",
    config: {
      latency_histogram_buckets: ["10ms", "1s"],
      database_name_attributes: ["none", "peer.service"],
      virtual_node_peer_attributes: [],
    },
    text: 'latency_histogram_buckets = ["10ms", "1s"]\ndatabase_name_attributes = ["none", "peer.service"]\nvirtual_node_peer_attributes = []',
  },
];

export const serviceGraphCases: readonly Case[] = settings.map(({ name, config, text }) => ({
  name: `servicegraph: ${name}`,
  component: "servicegraph",
  kind: "connector",
  config: { metrics_flush_interval: "900ms", store_expiration_loop: "100ms", store: { max_items: 1000, ttl: "200ms" }, ...config },
  text: `metrics_flush_interval = "900ms"\nstore_expiration_loop = "100ms"\nstore {\nttl = "200ms"\n}\n${text}`,
  signal: "traces",
  input,
  waitMs: 1350,
  ignoresTimes: true,
}));
