import { signedOf } from "../../../../bytes/int64.ts";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AnyValueReader, BYTES, DOUBLE, INT, STRING, writeString } from "../../../../signals/otlp/any-value.ts";
import { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { logField } from "../../../../signals/otlp/fields.ts";
import {
  ALWAYS,
  type Bits56,
  HIGHEST,
  isBelow,
  NEVER,
  parseRandomness,
  parseThreshold,
  randomnessText,
  thresholdOf,
  thresholdText,
} from "../../../../signals/otlp/sampling/threshold.ts";
import { type Decider, hashedRandomness, type SamplerArguments, traceIdRandomness } from "./decision.ts";
import type { ItemSampler } from "./item-sampler.ts";

const thresholdKey = Buffer.from("sampling.threshold");
const randomnessKey = Buffer.from("sampling.randomness");

/** Decides about log records, by their trace's id or an attribute; the decision is noted in two attributes. */
export function logSampler(decider: Decider, args: SamplerArguments): ItemSampler {
  const fields = new ProtobufReader();
  const attributes = new AttributeEditor();
  const value = new AnyValueReader();
  const content = new ProtobufWriter(64);
  const sourceKey = Buffer.from(args.from_attribute);
  const priorityKey = Buffer.from(args.sampling_priority);
  let idStart = 0;
  let hasId = false;
  let policy = "";

  const textAttribute = (key: Uint8Array): string => {
    const i = attributes.find(key);
    if (i < 0) return "";
    attributes.value(i, value);
    return value.kind === STRING ? value.string() : "";
  };
  const setText = (key: Uint8Array, text: string): void => {
    content.clear();
    writeString(content, text);
    attributes.put(key, content.bytes, 0, content.length);
  };
  const lookForId = (bytes: Uint8Array, start: number, end: number): void => {
    hasId = false;
    fields.reset(bytes, start, end);
    while (fields.next()) {
      if (fields.field !== logField.traceId) continue;
      idStart = fields.start;
      hasId = false;
      for (let i = fields.start; i < fields.stop; i++) hasId ||= bytes[i] !== 0;
    }
  };
  const hashed = (bytes: Uint8Array): Bits56 | undefined => {
    if (args.attribute_source === "traceID" && hasId) {
      policy = "trace_id_hash";
      return hashedRandomness(args.hash_seed, bytes, idStart, idStart + 16);
    }
    const source = args.from_attribute === "" ? -1 : attributes.find(sourceKey);
    if (source < 0) return undefined;
    attributes.value(source, value);
    const raw = value.kind === STRING || value.kind === BYTES ? value.bytes.subarray(value.start, value.end) : Buffer.from(value.text());
    if (raw.length === 0) return undefined;
    policy = args.from_attribute;
    return hashedRandomness(args.hash_seed, raw, 0, raw.length);
  };
  /** The threshold that the record asks for, in percent. */
  const priority = (): Bits56 | undefined => {
    const i = args.sampling_priority === "" ? -1 : attributes.find(priorityKey);
    if (i < 0) return undefined;
    attributes.value(i, value);
    const percent = value.kind === DOUBLE ? value.double() : value.kind === INT ? signedOf(value.low, value.high) : 0;
    return percent === 0 ? undefined : thresholdOf(percent / 100, args.sampling_precision);
  };

  return {
    decide(bytes, start, end, sampled) {
      lookForId(bytes, start, end);
      attributes.reset(bytes, start, end, logField.attributes);
      const arrivedText = textAttribute(thresholdKey);
      const explicitText = textAttribute(randomnessKey);
      let arrived = parseThreshold(arrivedText);
      const explicit = parseRandomness(explicitText);
      const isSound = (arrivedText === "" || arrived !== undefined) && (explicitText === "" || explicit !== undefined);
      let randomness: Bits56 | undefined;
      policy = "missing_randomness";
      let isFaulty = !isSound;
      let isWritable = isSound;
      if (decider.kind === "never") {
        randomness = HIGHEST;
        policy = "sampling_priority";
        isWritable = true;
      } else if (decider.kind === "hash_seed") {
        randomness = hashed(bytes);
        if (isSound && (explicit !== undefined || arrived !== undefined)) {
          isFaulty = true;
          isWritable = false;
        } else if (isSound && randomness !== undefined) setText(randomnessKey, randomnessText(randomness));
      } else if (isSound && explicit !== undefined) {
        randomness = explicit;
        policy = "sampling_randomness";
      } else if (isSound && hasId) {
        randomness = traceIdRandomness(bytes, idStart);
        policy = "trace_id_w3c";
      }
      if (!isFaulty && randomness === undefined) isFaulty = true;
      else if (!isFaulty && arrived !== undefined && isBelow(randomness ?? HIGHEST, arrived)) {
        // It should not have come here at all.
        arrived = undefined;
        const i = attributes.find(thresholdKey);
        if (i >= 0) attributes.remove(i);
        isFaulty = true;
      }
      let threshold = isFaulty ? (args.fail_closed ? NEVER : ALWAYS) : decider.threshold(arrived);
      const asked = priority();
      if (asked !== undefined) {
        threshold = asked;
        policy = "sampling_priority";
      }
      sampled.policy = policy;
      if (isBelow(randomness ?? HIGHEST, threshold)) return false;
      if (isWritable && !(arrived !== undefined && isBelow(threshold, arrived))) setText(thresholdKey, thresholdText(threshold));
      sampled.isChanged = attributes.isChanged;
      return true;
    },
    write(writer) {
      attributes.write(writer);
    },
  };
}
