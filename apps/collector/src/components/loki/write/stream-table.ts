import { bytesFromText } from "@invar/go-compat";
import { internLabels, type StreamLabels } from "../../../signals/loki/stream-labels.ts";

/** A stream as one destination gets it. */
export interface SentStream {
  /** Encoded as Loki reads them: with the external labels, without those that begin with "__". */
  readonly labels: Uint8Array;
  readonly tenant: string;
  readonly shard: number;
}

/** The label that chooses the tenant for its stream. */
const TENANT_LABEL = "__tenant_id__";

/** Encodes each label set once, for as long as somebody holds it. */
export class StreamTable {
  readonly #streams = new WeakMap<StreamLabels, SentStream>();
  readonly #external: readonly (readonly [string, string])[];
  readonly #tenant: string;

  constructor(externalLabels: Readonly<Record<string, string>>, tenant: string) {
    this.#external = Object.entries(externalLabels);
    this.#tenant = tenant;
  }

  streamOf(labels: StreamLabels): SentStream {
    const known = this.#streams.get(labels);
    if (known !== undefined) return known;
    // A stream's own labels win over the external ones.
    const merged = internLabels([...this.#external, ...labels.names.map((name, at) => [name, labels.values[at] as string] as const)]);
    const sent = merged.filter((name) => !name.startsWith("__"));
    const stream = { labels: bytesFromText(sent.text), tenant: merged.get(TENANT_LABEL) ?? this.#tenant, shard: sent.hash };
    this.#streams.set(labels, stream);
    return stream;
  }
}
