import fc from "fast-check";
import protobuf from "protobufjs";
import { Budget } from "../../delivery/budget.ts";
import type { DeliveryError } from "../delivery-error.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "./batch.ts";
import { type Field, type MessageType, requests } from "./schema.ts";

// Tests speak of requests as plain objects, which an encoder that is not ours turns into bytes and back. Names are those of OTLP/JSON, 64-bit
// integers decimal texts, ids and bytes buffers.

const kindsOfProtobufjs: Partial<Record<Field["kind"], string>> = { traceId: "bytes", spanId: "bytes", enum: "int32" };

const typesOfProtobufjs = new Map<MessageType, protobuf.Type>();

function typeOf(type: MessageType): protobuf.Type {
  const known = typesOfProtobufjs.get(type);
  if (known !== undefined) return known;
  // Distinct messages may share a name (Gauge's points and Sum's): each lives in a root of its own, and refers to others by the object.
  const made = new protobuf.Type(type.name);
  typesOfProtobufjs.set(type, made);
  new protobuf.Root().add(made);
  for (const field of type.fields) {
    const wire = field.message === undefined ? (kindsOfProtobufjs[field.kind] ?? field.kind) : field.message.name;
    const entry = new protobuf.Field(field.name, field.number, wire, field.repeated ? "repeated" : undefined);
    // An unpacked option is never set: proto3 packs.
    if (field.repeated && field.message === undefined && field.kind !== "string") entry.options = { packed: true };
    made.add(entry);
    if (field.message !== undefined) {
      entry.resolvedType = typeOf(field.message);
      entry.resolved = true;
    }
  }
  return made;
}

export type Plain = { readonly [name: string]: unknown };

/** What protobufjs makes of an object. */
export function encode(type: MessageType, content: Plain): Uint8Array {
  const target = typeOf(type);
  return Buffer.from(target.encode(target.fromObject(content)).finish());
}

/** What protobufjs reads, with everything that is absent left out. */
export function decode(type: MessageType, bytes: Uint8Array): Plain {
  const source = typeOf(type);
  return source.toObject(source.decode(bytes), { longs: String, bytes: Buffer, arrays: false });
}

export function encodeRequest(signal: Signal, content: Plain): Uint8Array {
  return encode(requests[signal], content);
}

export function decodeRequest(signal: Signal, chunks: readonly Uint8Array[]): Plain {
  return decode(requests[signal], Buffer.concat(chunks));
}

export type PlainValue = string | number | boolean | bigint | Uint8Array | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** `{ a: 1, b: "x" }` as OTLP's list of attributes: whole numbers are integers, others doubles. */
export function attributes(values: Readonly<Record<string, PlainValue>>): Plain[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: PlainValue): Plain {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: attributes(value as Readonly<Record<string, PlainValue>>) } };
}

/** The inverse of `attributes`: doubles and integers are both numbers, as texts where they are not safe. */
export function plainAttributes(list: unknown): Record<string, unknown> {
  return Object.fromEntries(((list ?? []) as { key?: string; value?: Plain }[]).map(({ key, value }) => [key ?? "", plainValue(value)]));
}

function plainValue(value: Plain | undefined): unknown {
  const [kind, content] = Object.entries(value ?? {})[0] ?? [];
  if (kind === "intValue") return Number.isSafeInteger(Number(content)) ? Number(content) : content;
  if (kind === "arrayValue") return (((content as Plain).values ?? []) as Plain[]).map(plainValue);
  if (kind === "kvlistValue") return plainAttributes((content as Plain).values);
  return content;
}

/** Any message of a type, as `encode` takes it; `unicode` also takes texts beyond ASCII. */
export function anyMessage(type: MessageType, depth = 0): fc.Arbitrary<Plain> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  const oneofs = type.name === "AnyValue" || type.name === "Metric" ? [type.fields.filter((field) => isChoice(type, field))] : [];
  for (const field of type.fields) {
    if (isChoice(type, field)) continue;
    members[field.name] = field.repeated ? fc.array(anyField(field, depth), { maxLength: 3, minLength: 1 }) : anyField(field, depth);
  }
  const plain = fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Plain>;
  const [choices] = oneofs;
  if (choices === undefined || choices.length === 0) return plain;
  const usable = choices.filter((field) => depth < 6 || field.message === undefined || type.name === "Metric");
  const choice = fc.oneof(...usable.map((field) => anyField(field, depth).map((value) => ({ [field.name]: value }))));
  return fc.tuple(plain, choice).map(([rest, chosen]) => ({ ...rest, ...chosen }));
}

/** The members of AnyValue and the data of Metric exclude each other; so do the two values of a point, of which one is enough here. */
function isChoice(type: MessageType, field: Field): boolean {
  if (type.name === "AnyValue") return true;
  return type.name === "Metric" && field.message !== undefined && !field.repeated;
}

function anyField(field: Field, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "message":
      return anyMessage(field.message as MessageType, depth + 1);
    case "string":
      return fc.string({ unit: "grapheme", maxLength: 12 });
    case "bytes":
      return fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
    case "traceId":
    case "spanId": {
      const size = field.kind === "traceId" ? 16 : 8;
      return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes));
    }
    case "bool":
      return fc.boolean();
    case "double":
      return fc.double();
    case "int32":
    case "sint32":
      return fc.integer();
    case "enum":
      return fc.nat(30);
    case "uint32":
    case "fixed32":
      return fc.nat(0xffffffff);
    case "int64":
    case "sfixed64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case "uint64":
    case "fixed64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    default:
      return field.kind satisfies never;
  }
}

/** A request of `count` spans such as web services send: nine attributes each, about 500 bytes. */
export function typicalSpans(count: number): Plain {
  const resource = attributes({
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.version": "1.42.0",
    "k8s.pod.uid": "9f1c2b7e-0000-4000-8000-000000000001",
    "k8s.node.name": "node-1",
  });
  const spans = Array.from({ length: count }, (_, i) => ({
    traceId: Buffer.alloc(16, i + 1),
    spanId: Buffer.alloc(8, i + 1),
    parentSpanId: Buffer.alloc(8, i),
    name: "GET /api/v1/cart/{id}",
    kind: 2,
    startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(i)),
    endTimeUnixNano: String(1_700_000_000_012_345_678n + BigInt(i)),
    attributes: attributes({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "url.full": `https://shop.example.com/api/v1/cart/${i}?currency=EUR&items=all`,
      "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "server.address": "shop.example.com",
      "network.peer.address": "10.21.0.17",
      "thread.name": "http-nio-8080-exec-4",
      "http.route": "/api/v1/cart/{id}",
      "app.customer": `customer-${i}`,
    }),
    status: {},
  }));
  return { resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope: { name: "io.opentelemetry.tomcat" }, spans }] }] };
}

/** One resource with the given items, as plain as can be: spans, points of one gauge, or records, named as told. */
export function requestOf(signal: Signal, names: readonly string[]): Uint8Array {
  switch (signal) {
    case "traces":
      return encodeRequest(signal, { resourceSpans: [{ scopeSpans: [{ spans: names.map((name) => ({ name })) }] }] });
    case "logs":
      return encodeRequest(signal, {
        resourceLogs: [{ scopeLogs: [{ logRecords: names.map((name) => ({ body: { stringValue: name } })) }] }],
      });
    case "metrics": {
      const metrics = names.map((name) => ({ name, gauge: { dataPoints: [{ asInt: 1 }] } }));
      return encodeRequest(signal, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    }
  }
}

/** The names that `requestOf` gave, in order. */
export function namesIn(signal: Signal, chunks: readonly Uint8Array[]): string[] {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  const request = decodeRequest(signal, chunks);
  switch (signal) {
    case "traces":
      return list(request, "resourceSpans").flatMap((r) =>
        list(r, "scopeSpans").flatMap((s) => list(s, "spans").map(({ name }) => String(name))),
      );
    case "logs":
      return list(request, "resourceLogs").flatMap((r) =>
        list(r, "scopeLogs").flatMap((s) => list(s, "logRecords").map(({ body }) => String((body as Plain).stringValue))),
      );
    case "metrics":
      return list(request, "resourceMetrics").flatMap((r) =>
        list(r, "scopeMetrics").flatMap((s) =>
          list(s, "metrics").flatMap((metric) => list(metric.gauge as Plain, "dataPoints").map(() => String(metric.name))),
        ),
      );
  }
}

/** Not what is tested. */
const keeping = new Budget(Number.MAX_SAFE_INTEGER);

/** An input that keeps what it is given, or refuses it while `refusal` is set, or does not answer before `go` while `holds` is. */
export class TestSink implements OtelConsumer {
  readonly batches: OtlpBatch[] = [];
  refusal: DeliveryError | undefined;
  holds = false;
  #waiting: (() => void)[] = [];

  /** Somebody waits for `go`. */
  get isAsked(): boolean {
    return this.#waiting.length > 0;
  }

  async consume(batch: OtlpBatch): Promise<void> {
    if (this.holds) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.refusal !== undefined) throw this.refusal;
    this.batches.push(batch.retain(keeping));
  }

  pressure(): DeliveryError | undefined {
    return this.refusal;
  }

  /** Answers everybody who waits. */
  go(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** The names in each batch: `a b|c`. */
  get text(): string {
    return this.batches.map(({ signal, chunks }) => namesIn(signal, chunks).join(" ")).join("|");
  }
}
