import { MalformedInput } from "../../bytes/malformed-input.ts";
import { isValidUtf8 } from "../../bytes/utf8.ts";
import type { Signal } from "./batch.ts";
import { choicesOf, type Field, KeyValue, type MessageType, requests } from "./schema.ts";

/** As most protobuf parsers: what we let through must not be refused further on. */
const MAX_DEPTH = 100;
/** Field numbers below this have a place in the plans. */
const PLANNED_FIELDS = 32;

const UNKNOWN = 0;
const VARINT = 1;
const FIXED64 = 2;
const FIXED32 = 3;
const TEXT = 4;
const BYTES = 5;
const TRACE_ID = 6;
const SPAN_ID = 7;
const MESSAGE = 8;
const ITEM = 9;
const PACKED_VARINT = 10;
const PACKED_FIXED64 = 11;
const ATTRIBUTE = 12;
const SINGULAR = 13;
/** Field 1000, where scopes lay before OTLP 0.15. */
const OLD_SCOPES = 1000;

/** A message type as the walk needs it: by field number, what to do and where to go on. */
interface Plan {
  readonly name: string;
  readonly actions: Uint8Array;
  readonly inner: (Plan | undefined)[];
  /** By field: a bit that it shares with those of which a message has one at most. */
  readonly groups: Uint32Array;
  /** Only one of all fields counts. */
  readonly isChoice: boolean;
  /** Set for the message that once had its scopes in field 1000. */
  readonly oldScopes: Plan | undefined;
}

export interface Walked {
  /** Spans, data points or log records. */
  readonly items: number;
  /** Some scopes lie in the field of old writers, where readers don't look; `modernize` moves them. */
  readonly hasOldScopes: boolean;
  /** A message that can be there once is there several times: `mergeRepeated` makes one of them, as all parsers do. */
  readonly hasRepeated: boolean;
}

/**
 * Checks every length, tag, text and id of a serialized export request and counts its items, decoding nothing. Throws `MalformedInput`
 * where a conforming parser would refuse the bytes; after it all readers of this folder may take the structure for granted.
 */
export function walk(signal: Signal, bytes: Uint8Array): Walked {
  const walker = new Walker(bytes);
  walker.message(plans[signal], 0, bytes.length, 0);
  return walker;
}

class Walker implements Walked {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the varint read last ends. */
  #behind = 0;
  items = 0;
  hasOldScopes = false;
  hasRepeated = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  message(plan: Plan, start: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw new MalformedInput(`OTLP: messages nested deeper than ${MAX_DEPTH}`);
    const bytes = this.#bytes;
    const { actions, inner } = plan;
    let at = start;
    let seen = 0;
    while (at < end) {
      let tag = bytes[at++] as number;
      if (tag > 0x7f) {
        tag = this.#varint(at - 1, end);
        if (tag > 0xffffffff) throw new MalformedInput(`OTLP: a tag in ${plan.name} is larger than 32 bits`);
        at = this.#behind;
      }
      const field = tag >>> 3;
      const action = field < PLANNED_FIELDS ? (actions[field] as number) : UNKNOWN;
      switch (tag & 7) {
        case 2: {
          if (at >= end) throw truncated(plan, field);
          let length = bytes[at++] as number;
          if (length > 0x7f) {
            length = this.#varint(at - 1, end);
            at = this.#behind;
          }
          if (length > end - at)
            throw new MalformedInput(`OTLP: field ${field} of ${plan.name} claims ${length} bytes, ${end - at} are left`);
          const stop = at + length;
          switch (action) {
            case TEXT:
              this.#text(plan, field, at, stop);
              break;
            case ITEM:
              this.items++;
              this.message(inner[field] as Plan, at, stop, depth + 1);
              break;
            case MESSAGE:
              this.message(inner[field] as Plan, at, stop, depth + 1);
              break;
            case SINGULAR: {
              const group = plan.groups[field] as number;
              if ((seen & group) !== 0) this.hasRepeated = true;
              seen |= group;
              this.message(inner[field] as Plan, at, stop, depth + 1);
              break;
            }
            case ATTRIBUTE:
              if (!this.#isPlainAttribute(at, stop)) this.message(inner[field] as Plan, at, stop, depth + 1);
              break;
            case TRACE_ID:
              if (length !== 16 && length !== 0) throw wrongId(plan, field, length, 16);
              break;
            case SPAN_ID:
              if (length !== 8 && length !== 0) throw wrongId(plan, field, length, 8);
              break;
            case PACKED_VARINT:
              for (let i = at; i < stop; i = this.#behind) this.#varint(i, stop);
              break;
            case PACKED_FIXED64:
              if (length % 8 !== 0) throw new MalformedInput(`OTLP: field ${field} of ${plan.name} has ${length} bytes, not words of 8`);
              break;
            case UNKNOWN:
              if (field === OLD_SCOPES && plan.oldScopes !== undefined) {
                this.hasOldScopes = true;
                this.message(plan.oldScopes, at, stop, depth + 1);
              }
              break;
            case BYTES:
              break;
            default:
              throw wrongWire(plan, field);
          }
          at = stop;
          break;
        }
        case 1:
          if (action !== FIXED64 && action !== PACKED_FIXED64 && action !== UNKNOWN) throw wrongWire(plan, field);
          at += 8;
          if (at > end) throw truncated(plan, field);
          break;
        case 0:
          if (action !== VARINT && action !== PACKED_VARINT && action !== UNKNOWN) throw wrongWire(plan, field);
          if (at < end && (bytes[at] as number) < 0x80) at++;
          else {
            this.#varint(at, end);
            at = this.#behind;
          }
          break;
        case 5:
          if (action !== FIXED32 && action !== UNKNOWN) throw wrongWire(plan, field);
          at += 4;
          if (at > end) throw truncated(plan, field);
          break;
        default:
          // Groups are long gone from protobuf; no OTLP message ever had one.
          throw new MalformedInput(`OTLP: wire type ${tag & 7} in ${plan.name}`);
      }
      if (action === UNKNOWN && field === 0) throw new MalformedInput(`OTLP: field number 0 in ${plan.name}`);
      if (plan.isChoice && at < end) this.hasRepeated = true;
    }
  }

  /**
   * Whether an attribute is what most are: a short key and a short string or a small number, all of it ASCII. Every byte of such a one is below 0x80,
   * lengths included, so that one look over the whole checks both texts. False says nothing: the attribute is to be walked. A third
   * off the whole walk.
   *
   *   0a | n | key | 12 | m | 0a | m - 2 | string      or      0a | n | key | 12 | 2 | 18 | number
   */
  #isPlainAttribute(start: number, end: number): boolean {
    const bytes = this.#bytes;
    const keyEnd = start + 2 + (bytes[start + 1] as number);
    const value = keyEnd + 2;
    const size = end - value;
    if (size < 2 || size > 0x7f || bytes[start] !== 0x0a || bytes[keyEnd] !== 0x12 || bytes[keyEnd + 1] !== size) return false;
    const kind = bytes[value];
    if (kind === 0x0a ? bytes[value + 1] !== size - 2 : kind !== 0x18 || size !== 2) return false;
    return this.#isAscii(start, end);
  }

  #text(plan: Plan, field: number, start: number, end: number): void {
    if (!this.#isAscii(start, end) && !isValidUtf8(this.#bytes, start, end))
      throw new MalformedInput(`OTLP: field ${field} of ${plan.name} is not UTF-8`);
  }

  #isAscii(start: number, end: number): boolean {
    const bytes = this.#bytes;
    let i = start;
    let seen = 0;
    // Four bytes at a time through a DataView: a sixth off the whole walk.
    for (; i < end - 3; i += 4) seen |= this.#view.getInt32(i);
    for (; i < end; i++) seen |= bytes[i] as number;
    return (seen & 0x80808080) === 0;
  }

  /** Reads a varint, sets `#behind` and returns its value (inexact from 2^53 on). */
  #varint(start: number, end: number): number {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    for (let at = start; at < end && at < start + 10; at++) {
      const byte = bytes[at] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#behind = at + 1;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedInput(`OTLP: the varint at byte ${start} does not end`);
  }
}

const known = new Map<MessageType, Plan>();

function planOf(type: MessageType): Plan {
  const made = known.get(type);
  if (made !== undefined) return made;
  const plan: { -readonly [K in keyof Plan]: Plan[K] } = {
    name: type.name,
    actions: new Uint8Array(PLANNED_FIELDS),
    inner: new Array<Plan | undefined>(PLANNED_FIELDS).fill(undefined),
    groups: new Uint32Array(PLANNED_FIELDS),
    isChoice: choicesOf(type).size === type.fields.length,
    oldScopes: undefined,
  };
  // Known before its fields are visited: AnyValue contains itself.
  known.set(type, plan);
  for (const field of type.fields) {
    plan.actions[field.number] = actionOf(field);
    plan.groups[field.number] = choicesOf(type).has(field.number) ? 1 : 1 << field.number;
    if (field.message !== undefined) plan.inner[field.number] = planOf(field.message);
    if (field.name.startsWith("scope") && field.repeated) plan.oldScopes = plan.inner[field.number];
  }
  return plan;
}

function actionOf(field: Field): number {
  switch (field.kind) {
    case "message":
      if (!field.repeated) return SINGULAR;
      return field.message === KeyValue ? ATTRIBUTE : field.item ? ITEM : MESSAGE;
    case "string":
      return TEXT;
    case "bytes":
      return BYTES;
    case "traceId":
      return TRACE_ID;
    case "spanId":
      return SPAN_ID;
    case "fixed64":
    case "sfixed64":
    case "double":
      return field.repeated ? PACKED_FIXED64 : FIXED64;
    case "fixed32":
      return FIXED32;
    default:
      return field.repeated ? PACKED_VARINT : VARINT;
  }
}

const plans = { traces: planOf(requests.traces), metrics: planOf(requests.metrics), logs: planOf(requests.logs) };

function wrongWire(plan: Plan, field: number): MalformedInput {
  return new MalformedInput(`OTLP: field ${field} of ${plan.name} has another wire type than the schema`);
}

function truncated(plan: Plan, field: number): MalformedInput {
  return new MalformedInput(`OTLP: field ${field} of ${plan.name} does not end within its message`);
}

function wrongId(plan: Plan, field: number, length: number, expected: number): MalformedInput {
  return new MalformedInput(`OTLP: field ${field} of ${plan.name} is an id of ${length} bytes, not ${expected}`);
}
