import { MalformedInput } from "../../bytes/malformed-input.ts";

/** The types of Thrift, as its binary protocol numbers them. */
export const STOP = 0;
export const BOOL = 2;
export const BYTE = 3;
export const DOUBLE = 4;
export const I16 = 6;
export const I32 = 8;
export const I64 = 10;
export const STRING = 11;
export const STRUCT = 12;
export const MAP = 13;
export const SET = 14;
export const LIST = 15;

/** As most writers: nobody nests deeper by intent. */
export const MAX_DEPTH = 64;

/**
 * Goes through a serialized Thrift value in place, whichever protocol it is written in. Nothing is allocated, so one reader serves many
 * messages. Everything throws `MalformedInput` on what does not lie within the message.
 */
export interface ThriftReader {
  readonly bytes: Uint8Array;
  /** Where the next value begins; may be set back to where it once was, to read a value again. */
  at: number;
  /** The current field. */
  readonly id: number;
  readonly type: number;
  /** The integer read last, in halves. */
  readonly low: number;
  readonly high: number;
  /** The text or bytes read last. */
  readonly start: number;
  readonly stop: number;
  /** The list read last. */
  readonly elementType: number;
  readonly size: number;

  reset(bytes: Uint8Array): this;
  /** Reads a message's head and returns the name of its method. */
  message(): string;
  beginStruct(): void;
  /** Moves to the next field of the struct; false at its end, which closes it. */
  nextField(): boolean;
  bool(): boolean;
  i16(): number;
  i32(): number;
  /** Reads an i64 into `low` and `high`. */
  i64(): void;
  double(): number;
  /** Reads the position of bytes into `start` and `stop`. */
  binary(): void;
  text(): string;
  /** Reads the head of a list or set into `elementType` and `size`. */
  beginList(): void;
  /** Reads the head of a map; returns the types of its keys and values, and sets `size`. */
  beginMap(): readonly [key: number, value: number];
}

/** Passes over a value of a type. */
export function skip(reader: ThriftReader, type: number, depth = 0): void {
  if (depth > MAX_DEPTH) throw tooDeep();
  switch (type) {
    case BOOL:
      reader.bool();
      return;
    case BYTE:
      reader.at += 1;
      break;
    case DOUBLE:
      reader.double();
      return;
    case I16:
      reader.i16();
      return;
    case I32:
      reader.i32();
      return;
    case I64:
      reader.i64();
      return;
    case STRING:
      reader.binary();
      return;
    case STRUCT:
      reader.beginStruct();
      while (reader.nextField()) skip(reader, reader.type, depth + 1);
      return;
    case MAP: {
      const [key, value] = reader.beginMap();
      for (let left = reader.size; left > 0; left--) {
        skip(reader, key, depth + 1);
        skip(reader, value, depth + 1);
      }
      return;
    }
    case SET:
    case LIST: {
      reader.beginList();
      const { elementType } = reader;
      for (let left = reader.size; left > 0; left--) skip(reader, elementType, depth + 1);
      return;
    }
    default:
      throw new MalformedInput(`thrift: unknown data type ${type}`);
  }
  if (reader.at > reader.bytes.length) throw truncated(reader.at);
}

export function truncated(at: number): MalformedInput {
  return new MalformedInput(`thrift: unexpected end of the message (EOF) at byte ${at}`);
}

export function tooDeep(): MalformedInput {
  return new MalformedInput(`thrift: values nested deeper than ${MAX_DEPTH}`);
}
