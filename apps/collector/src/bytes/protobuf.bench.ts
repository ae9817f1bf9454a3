// node protobuf.bench.ts: nanoseconds of CPU a field, beside protobufjs.
import protobuf from "protobufjs/minimal.js";
import { ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

const FIELDS = 1000;
const ROUNDS = 2000;

const writer = new ProtobufWriter();
function write(): void {
  writer.clear();
  for (let i = 0; i < FIELDS; i += 4) {
    writer.string(1, "http.request.method");
    writer.uint(2, i * 1000);
    writer.fixed64(3, i, i);
    const mark = writer.begin(4, 4);
    writer.uint(1, i);
    writer.finish(mark);
  }
}

function writeWithProtobufjs(): Uint8Array {
  const theirs = protobuf.Writer.create();
  for (let i = 0; i < FIELDS; i += 4) {
    theirs.uint32(10).string("http.request.method");
    theirs.uint32(16).uint64(i * 1000);
    theirs.uint32(25).fixed64(i);
    theirs.uint32(34).fork();
    theirs.uint32(8).uint32(i);
    theirs.ldelim();
  }
  return theirs.finish();
}

write();
const message = writer.toBytes();
const reader = new ProtobufReader();
function read(): number {
  let sum = 0;
  reader.reset(message);
  while (reader.next()) sum += reader.stop - reader.start;
  return sum;
}
function readWithProtobufjs(): number {
  let sum = 0;
  const theirs = protobuf.Reader.create(message);
  while (theirs.pos < theirs.len) {
    const tag = theirs.uint32();
    const before = theirs.pos;
    theirs.skipType(tag & 7);
    sum += theirs.pos - before;
  }
  return sum;
}

for (const [name, run] of [
  ["write", write],
  ["write, protobufjs", writeWithProtobufjs],
  ["read", read],
  ["read, protobufjs", readWithProtobufjs],
] as const) {
  for (let i = 0; i < 200; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) run();
  const used = process.cpuUsage(before);
  console.log(`${name}: ${(((used.user + used.system) * 1000) / ROUNDS / FIELDS).toFixed(1)} ns a field`);
}
