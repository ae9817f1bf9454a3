import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { HistogramMessage } from "./exposition.ts";
import {
  histogramFinding,
  isExponential,
  type NativeHistogram,
  readHistogram,
  reduceResolution,
  SCHEMA_MAX,
  SCHEMA_MIN,
  writeHistogram,
} from "./native-histogram.ts";

/** Lowers the resolution of native histograms until they keep a job's limits. */
export class HistogramLimits {
  readonly #bucketLimit: number;
  readonly #maxSchema: number;
  readonly #writer = new ProtobufWriter(1024);

  /** At most so many buckets (0: no limit), each at least so many times as wide as the one before (0: no limit). */
  constructor(bucketLimit: number, minBucketFactor: number) {
    this.#bucketLimit = bucketLimit;
    this.#maxSchema = schemaOf(minBucketFactor);
  }

  /** The histogram within the limits, valid until the next call; undefined where it can't be made to fit. Throws where it is not sound. */
  fit(message: HistogramMessage): HistogramMessage | undefined {
    const histogram = readHistogram(message.bytes, message.start, message.end);
    const finding = histogramFinding(histogram);
    if (finding !== undefined) throw new MalformedInput(finding);
    const { schema } = histogram;
    if (isExponential(schema) && schema > this.#maxSchema) reduceResolution(histogram, this.#maxSchema);
    while (this.#bucketLimit > 0 && bucketCount(histogram) > this.#bucketLimit) {
      if (!isExponential(histogram.schema) || histogram.schema <= SCHEMA_MIN) return undefined;
      reduceResolution(histogram, histogram.schema - 1);
    }
    if (histogram.schema === schema) return message;
    this.#writer.clear();
    writeHistogram(this.#writer, histogram);
    return { bytes: this.#writer.bytes, start: 0, end: this.#writer.length };
  }
}

function bucketCount({ positive, negative }: NativeHistogram): number {
  return positive.counts.length + negative.counts.length;
}

/** The finest schema whose buckets grow by at least this factor. */
function schemaOf(factor: number): number {
  const schema = Math.floor(-Math.log2(Math.log2(factor <= 1 ? 1.00271 : factor)));
  return Math.min(Math.max(schema, SCHEMA_MIN), SCHEMA_MAX);
}
