import { GoError, parseFloat64 } from "@invar/go-compat";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import type { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { textOf } from "../../../../bytes/utf8.ts";
import { AnyValueReader, DOUBLE, INT, STRING } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import { spanField } from "../../../../signals/otlp/fields.ts";
import { ALWAYS, type Bits56, HIGHEST, isBelow, NEVER } from "../../../../signals/otlp/sampling/threshold.ts";
import { TraceState } from "../../../../signals/otlp/sampling/trace-state.ts";
import { type Decider, hashedRandomness, type SamplerArguments, traceIdRandomness } from "./decision.ts";
import type { ItemSampler, Sampled } from "./item-sampler.ts";

const priorityKey = Buffer.from("sampling.priority");

/** Decides about spans: by their `sampling.priority`, else by their trace's id or tracestate, in which the decision is noted. */
export function spanSampler(decider: Decider, args: SamplerArguments): ItemSampler {
  const fields = new ProtobufReader();
  const attributes = new AttributeCursor();
  const value = new AnyValueReader();
  const state = new TraceState();
  /** Where the parts of the current span lie. */
  let idStart = 0;
  let hasId = false;
  let stateStart = 0;
  let stateEnd = 0;
  let stateText = "";
  let written = "";

  const look = (bytes: Uint8Array, start: number, end: number): void => {
    hasId = false;
    stateStart = stateEnd = end;
    stateText = "";
    fields.reset(bytes, start, end);
    while (fields.next()) {
      if (fields.field === spanField.traceId) {
        idStart = fields.start;
        hasId = fields.stop > fields.start && isSet(bytes, fields.start, fields.stop);
      } else if (fields.field === spanField.traceState) {
        stateStart = fields.tagStart;
        stateEnd = fields.stop;
        stateText = textOf(bytes, fields.start, fields.stop);
      }
    }
  };

  /** What the span itself asks for: ALWAYS, NEVER, or nothing. */
  const priority = (bytes: Uint8Array, start: number, end: number): Bits56 | undefined => {
    if (!attributes.reset(bytes, start, end, spanField.attributes).find(priorityKey)) return undefined;
    value.reset(bytes, attributes.valueStart, attributes.valueEnd);
    let number = -1;
    if (value.kind === INT) number = value.high < 0 ? -1 : value.low | value.high ? 1 : 0;
    else if (value.kind === DOUBLE) number = value.double();
    else if (value.kind === STRING) number = floatOf(value.string());
    return number === 0 ? NEVER : number > 0 ? ALWAYS : undefined;
  };

  const decide = (bytes: Uint8Array, start: number, end: number, sampled: Sampled): boolean => {
    look(bytes, start, end);
    const isSound = state.read(stateText);
    let randomness: Bits56 = HIGHEST;
    let policy = "missing_randomness";
    let isFaulty = !isSound;
    let isWritable = isSound;
    if (decider.kind === "never") {
      policy = "sampling_priority";
      isWritable = true;
    } else if (decider.kind === "hash_seed") {
      if (hasId) {
        randomness = hashedRandomness(args.hash_seed, bytes, idStart, idStart + 16);
        policy = "trace_id_hash";
      }
      // Another sampler has been here, of the kind that is specified: its notes are not to be touched.
      if (isSound && (state.randomness !== undefined || state.threshold !== undefined)) {
        isFaulty = true;
        isWritable = false;
      } else if (isSound) state.setRandomness(randomness);
    } else if (isSound && state.randomness !== undefined) {
      randomness = state.randomness;
      policy = "sampling_randomness";
    } else if (isSound && hasId) {
      randomness = traceIdRandomness(bytes, idStart);
      policy = "trace_id_w3c";
    }
    if (!isFaulty && policy === "missing_randomness") isFaulty = true;
    else if (!isFaulty && state.threshold !== undefined && isBelow(randomness, state.threshold)) {
      // It should not have come here at all.
      state.clearThreshold();
      isFaulty = true;
    }
    let threshold = isFaulty ? (args.fail_closed ? NEVER : ALWAYS) : decider.threshold(state.threshold);
    const asked = priority(bytes, start, end);
    if (asked !== undefined) {
      threshold = asked;
      policy = "sampling_priority";
    }
    sampled.policy = policy;
    if (isBelow(randomness, threshold)) return false;
    sampled.isChanged = false;
    if (isWritable) {
      state.raiseThreshold(threshold);
      written = state.write();
      sampled.isChanged = written !== stateText;
    }
    return true;
  };

  return {
    decide,
    write(writer: ProtobufWriter, bytes, start, end) {
      writer.raw(bytes, start, stateStart);
      if (written !== "") writer.string(spanField.traceState, written);
      writer.raw(bytes, stateEnd, end);
    },
  };
}

function isSet(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}

/** -1 where the text is no number: it asks for nothing. */
function floatOf(text: string): number {
  try {
    return parseFloat64(text);
  } catch (error) {
    if (error instanceof GoError) return -1;
    throw error;
  }
}
