import { BOOL, BYTE, DOUBLE, I16, I32, I64, LIST, STRING, STRUCT } from "./reader.ts";

// Tests write Thrift as values, which encoders of both protocols turn into bytes. They follow the protocols' specifications and share nothing
// with the readers but the numbers of types.

/** A value and its type. */
export type Thrift =
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "byte" | "i16" | "i32"; readonly value: number }
  | { readonly type: "i64"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "string"; readonly value: string | Uint8Array }
  | { readonly type: "list"; readonly of: Thrift["type"]; readonly value: readonly Thrift[] }
  | { readonly type: "struct"; readonly value: Readonly<Record<number, Thrift>> };

export const i16 = (value: number): Thrift => ({ type: "i16", value });
export const i32 = (value: number): Thrift => ({ type: "i32", value });
export const i64 = (value: bigint | number): Thrift => ({ type: "i64", value: BigInt(value) });
export const double = (value: number): Thrift => ({ type: "double", value });
export const bool = (value: boolean): Thrift => ({ type: "bool", value });
export const str = (value: string | Uint8Array): Thrift => ({ type: "string", value });
export const list = (...value: readonly Thrift[]): Thrift => ({ type: "list", of: value[0]?.type ?? "struct", value });
/** Fields by their id; undefined ones are left out. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  const value: Record<number, Thrift> = {};
  for (const [id, field] of Object.entries(fields)) if (field !== undefined) value[Number(id)] = field;
  return { type: "struct", value };
}

const binaryTypes = { bool: BOOL, byte: BYTE, i16: I16, i32: I32, i64: I64, double: DOUBLE, string: STRING, list: LIST, struct: STRUCT };
const compactTypes = { bool: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, string: 8, list: 9, struct: 12 };

function sized(size: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
}

/** In the binary protocol. */
export function binary(thrift: Thrift): Buffer {
  switch (thrift.type) {
    case "bool":
      return Buffer.from([thrift.value ? 1 : 0]);
    case "byte":
      return Buffer.from([thrift.value & 0xff]);
    case "i16":
      return sized(2, (buffer) => buffer.writeInt16BE(thrift.value));
    case "i32":
      return sized(4, (buffer) => buffer.writeInt32BE(thrift.value));
    case "i64":
      return sized(8, (buffer) => buffer.writeBigInt64BE(thrift.value));
    case "double":
      return sized(8, (buffer) => buffer.writeDoubleBE(thrift.value));
    case "string": {
      const content = Buffer.from(thrift.value as Uint8Array);
      return Buffer.concat([binary(i32(content.length)), content]);
    }
    case "list":
      return Buffer.concat([Buffer.from([binaryTypes[thrift.of]]), binary(i32(thrift.value.length)), ...thrift.value.map(binary)]);
    case "struct": {
      const fields = Object.entries(thrift.value).flatMap(([id, field]) => [
        Buffer.from([binaryTypes[field.type]]),
        binary(i16(Number(id))),
        binary(field),
      ]);
      return Buffer.concat([...fields, Buffer.from([0])]);
    }
  }
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function zigzag(value: bigint): Buffer {
  return varint((value << 1n) ^ (value >> 63n));
}

/** In the compact protocol. */
export function compact(thrift: Thrift): Buffer {
  switch (thrift.type) {
    case "bool":
      return Buffer.from([thrift.value ? 1 : 2]);
    case "byte":
      return Buffer.from([thrift.value & 0xff]);
    case "i16":
    case "i32":
      return zigzag(BigInt(thrift.value));
    case "i64":
      return zigzag(thrift.value);
    case "double":
      return sized(8, (buffer) => buffer.writeDoubleLE(thrift.value));
    case "string": {
      const content = Buffer.from(thrift.value as Uint8Array);
      return Buffer.concat([varint(BigInt(content.length)), content]);
    }
    case "list": {
      const { length } = thrift.value;
      const head =
        length < 15
          ? Buffer.from([(length << 4) | compactTypes[thrift.of]])
          : Buffer.concat([Buffer.from([0xf0 | compactTypes[thrift.of]]), varint(BigInt(length))]);
      return Buffer.concat([head, ...thrift.value.map(compact)]);
    }
    case "struct": {
      let last = 0;
      const fields = Object.entries(thrift.value).flatMap(([key, field]) => {
        const id = Number(key);
        const type = field.type === "bool" ? (field.value ? 1 : 2) : compactTypes[field.type];
        const step = id - last;
        last = id;
        const head = step > 0 && step < 16 ? Buffer.from([(step << 4) | type]) : Buffer.concat([Buffer.from([type]), zigzag(BigInt(id))]);
        return field.type === "bool" ? [head] : [head, compact(field)];
      });
      return Buffer.concat([...fields, Buffer.from([0])]);
    }
  }
}

/** A call of a method without an answer, as agents take it. */
export function binaryCall(method: string, args: Thrift): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0x01, 0, 4]), binary(str(method)), binary(i32(1)), binary(args)]);
}

export function compactCall(method: string, args: Thrift): Buffer {
  return Buffer.concat([Buffer.from([0x82, (4 << 5) | 1, 1]), compact(str(method)), compact(args)]);
}
