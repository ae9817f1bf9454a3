import { ProtobufReader, WIRE_BYTES, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";

/** Raised when collectors of before could not work with those of after; others are refused by name. */
export const protocolVersion = 1;

export const memberStates = ["viewer", "participant", "terminating", "left"] as const;

/** In the documented words; `left`: it is about to exit and does nothing any more. */
export type MemberState = (typeof memberStates)[number];

/** What a collector says of itself to one other, as a call and as the answer to one. */
export interface Hello {
  readonly protocol: number;
  readonly cluster: string;
  readonly name: string;
  /** Chosen at random when the process began. */
  readonly instance: number;
  /** Where it can be reached. */
  readonly address: string;
  readonly state: MemberState;
  readonly version: string;
  /** Seconds of CPU time a second. */
  readonly load: number;
  /** Keys that it does. */
  readonly keys: number;
  /** Rises with each message, so that one that was overtaken is known. */
  readonly number: number;
  /** Stands for the participants that it sees. */
  readonly view: number;
  /** Rises whenever that changes. */
  readonly viewSeq: number;
  /** The other's `viewSeq` as it is known here: what is said here is said with that known. */
  readonly echo: number;
  /** It is on the larger side of those that worked together last. */
  readonly hasQuorum: boolean;
  /** Those that worked together last, as far as it knows. */
  readonly base: Base;
  /** `held` is complete. */
  readonly isSettled: boolean;
  /** Hashes of the keys that it still does, though they are the other's by its view. */
  readonly held: readonly number[];
  /** Whom it has heard itself lately, and how long ago. */
  readonly seen: readonly Seen[];
}

/** Who worked together; of two the one with the higher epoch was later. */
export interface Base {
  readonly epoch: number;
  /** Stands for the members. */
  readonly id: number;
  /** Empty in a message to who knows them. */
  readonly members: readonly BaseMember[];
}

export interface BaseMember {
  readonly name: string;
  readonly instance: number;
  readonly address: string;
}

export interface Seen {
  readonly instance: number;
  /** Empty in a message to who knows it. */
  readonly address: string;
  readonly ageMs: number;
}

/** The answer to who can't be a member. */
export interface Refusal {
  readonly reason: string;
}

/** Keys that change hands, or copies of what is known of them. */
export interface KeyStates {
  readonly work: string;
  readonly from: number;
  /** Names the call: asked again, it is answered again and not done again. */
  readonly batch: number;
  /** By which the receiver owns the keys. */
  readonly view: number;
  readonly entries: readonly KeyState[];
}

export interface KeyState {
  readonly key: string;
  readonly state: Uint8Array;
}

export interface GiveAnswer {
  /** Positions in `entries` of what was taken. */
  readonly taken: readonly number[];
}

export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ProtobufWriter(256 + hello.held.length * 8 + hello.seen.length * 32);
  writer.uint(1, hello.protocol);
  writer.string(2, hello.cluster);
  writer.string(3, hello.name);
  writer.uint(4, hello.instance);
  writer.string(5, hello.address);
  writer.uint(6, memberStates.indexOf(hello.state));
  writer.string(7, hello.version);
  writer.double(8, hello.load);
  writer.uint(9, hello.keys);
  writer.uint(10, hello.number);
  writer.uint(11, hello.view);
  writer.uint(12, hello.viewSeq);
  writer.uint(13, hello.echo);
  writer.bool(14, hello.hasQuorum);
  writer.bool(15, hello.isSettled);
  packed(writer, 16, hello.held);
  for (const { instance, address, ageMs } of hello.seen) {
    const mark = writer.begin(17, address === "" ? 12 : 40);
    writer.uint(1, instance);
    if (address !== "") writer.string(2, address);
    writer.uint(3, Math.max(Math.round(ageMs), 0));
    writer.finish(mark);
  }
  writer.uint(18, hello.base.epoch);
  writer.uint(21, hello.base.id);
  for (const { name, instance, address } of hello.base.members) {
    const mark = writer.begin(19, 60);
    writer.string(1, name);
    writer.uint(2, instance);
    writer.string(3, address);
    writer.finish(mark);
  }
  return writer.toBytes();
}

export function encodeRefusal({ reason }: Refusal): Uint8Array {
  const writer = new ProtobufWriter();
  writer.string(20, reason);
  return writer.toBytes();
}

/** Throws `MalformedInput` where the bytes are neither. */
export function decodeHello(bytes: Uint8Array): Hello | Refusal {
  const reader = new ProtobufReader().reset(bytes);
  const hello: { -readonly [Name in keyof Hello]: Hello[Name] } = {
    protocol: 0,
    cluster: "",
    name: "",
    instance: 0,
    address: "",
    state: "viewer",
    version: "",
    load: 0,
    keys: 0,
    number: 0,
    view: 0,
    viewSeq: 0,
    echo: 0,
    hasQuorum: false,
    base: { epoch: 0, id: 0, members: [] },
    isSettled: false,
    held: [],
    seen: [],
  };
  const seen: Seen[] = [];
  const members: BaseMember[] = [];
  let epoch = 0;
  let id = 0;
  while (reader.next()) {
    if (reader.field === 1) hello.protocol = reader.unsigned();
    else if (reader.field === 2) hello.cluster = reader.text();
    else if (reader.field === 3) hello.name = reader.text();
    else if (reader.field === 4) hello.instance = reader.unsigned();
    else if (reader.field === 5) hello.address = reader.text();
    else if (reader.field === 6) hello.state = memberStates[reader.unsigned()] ?? "viewer";
    else if (reader.field === 7) hello.version = reader.text();
    else if (reader.field === 8) hello.load = reader.double();
    else if (reader.field === 9) hello.keys = reader.unsigned();
    else if (reader.field === 10) hello.number = reader.unsigned();
    else if (reader.field === 11) hello.view = reader.unsigned();
    else if (reader.field === 12) hello.viewSeq = reader.unsigned();
    else if (reader.field === 13) hello.echo = reader.unsigned();
    else if (reader.field === 14) hello.hasQuorum = reader.unsigned() === 1;
    else if (reader.field === 15) hello.isSettled = reader.unsigned() === 1;
    else if (reader.field === 16 && reader.wire === WIRE_BYTES) hello.held = unpacked(bytes, reader.start, reader.stop);
    else if (reader.field === 17 && reader.wire === WIRE_BYTES) seen.push(readSeen(bytes, reader.start, reader.stop));
    else if (reader.field === 18) epoch = reader.unsigned();
    else if (reader.field === 19 && reader.wire === WIRE_BYTES) members.push(readBaseMember(bytes, reader.start, reader.stop));
    else if (reader.field === 21) id = reader.unsigned();
    else if (reader.field === 20) return { reason: reader.text() };
  }
  hello.seen = seen;
  hello.base = { epoch, id, members };
  return hello;
}

export function encodeKeyStates({ work, from, batch, view, entries }: KeyStates): Uint8Array {
  const writer = new ProtobufWriter(1024);
  writer.string(1, work);
  writer.uint(2, from);
  writer.uint(3, batch);
  writer.uint(4, view);
  for (const { key, state } of entries) {
    const mark = writer.begin(5, key.length + state.length + 8);
    writer.string(1, key);
    writer.copy(2, state);
    writer.finish(mark);
  }
  return writer.toBytes();
}

export function decodeKeyStates(bytes: Uint8Array): KeyStates {
  const reader = new ProtobufReader().reset(bytes);
  let work = "";
  let from = 0;
  let batch = 0;
  let view = 0;
  const entries: KeyState[] = [];
  while (reader.next()) {
    if (reader.field === 1) work = reader.text();
    else if (reader.field === 2) from = reader.unsigned();
    else if (reader.field === 3) batch = reader.unsigned();
    else if (reader.field === 4) view = reader.unsigned();
    else if (reader.field === 5 && reader.wire === WIRE_BYTES) entries.push(readKeyState(bytes, reader.start, reader.stop));
  }
  return { work, from, batch, view, entries };
}

export function encodeGiveAnswer({ taken }: GiveAnswer): Uint8Array {
  const writer = new ProtobufWriter();
  packed(writer, 1, taken);
  return writer.toBytes();
}

export function decodeGiveAnswer(bytes: Uint8Array): GiveAnswer {
  const reader = new ProtobufReader().reset(bytes);
  let taken: number[] = [];
  while (reader.next()) if (reader.field === 1 && reader.wire === WIRE_BYTES) taken = unpacked(bytes, reader.start, reader.stop);
  return { taken };
}

function readSeen(bytes: Uint8Array, start: number, end: number): Seen {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let instance = 0;
  let address = "";
  let ageMs = 0;
  while (reader.next()) {
    if (reader.field === 1) instance = reader.unsigned();
    else if (reader.field === 2) address = reader.text();
    else if (reader.field === 3) ageMs = reader.unsigned();
  }
  return { instance, address, ageMs };
}

function readBaseMember(bytes: Uint8Array, start: number, end: number): BaseMember {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let name = "";
  let instance = 0;
  let address = "";
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) instance = reader.unsigned();
    else if (reader.field === 3) address = reader.text();
  }
  return { name, instance, address };
}

function readKeyState(bytes: Uint8Array, start: number, end: number): KeyState {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let key = "";
  let state: Uint8Array = new Uint8Array(0);
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2 && reader.wire === WIRE_BYTES) state = reader.copy();
  }
  return { key, state };
}

function packed(writer: ProtobufWriter, field: number, values: readonly number[]): void {
  if (values.length === 0) return;
  const mark = writer.begin(field, values.length * 8);
  for (const value of values) writer.varint(value);
  writer.finish(mark);
}

function unpacked(bytes: Uint8Array, start: number, end: number): number[] {
  const reader = new ProtobufReader().reset(bytes, start, end);
  const values: number[] = [];
  while (reader.nextPacked(WIRE_VARINT)) values.push(reader.unsigned());
  return values;
}
