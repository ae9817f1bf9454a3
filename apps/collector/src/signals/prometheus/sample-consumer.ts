import type { Consumer } from "../consumer.ts";
import type { SampleBatch } from "./sample-batch.ts";

/** A receiver of samples. Scrapes take note of metadata only where somebody below wants it: it costs a tenth of a scrape. */
export interface SampleConsumer extends Consumer<SampleBatch> {
  /** Whether types and helps of metrics are needed here or further on: `SampleBatch.origin` then has them. */
  wantsMetadata?(): boolean;
}

export function wantsMetadata(consumer: SampleConsumer): boolean {
  return consumer.wantsMetadata?.() === true;
}
