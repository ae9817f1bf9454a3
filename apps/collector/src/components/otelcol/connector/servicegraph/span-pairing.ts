import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { AnyValueReader } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import { resourceField, spanField } from "../../../../signals/otlp/fields.ts";
import { ItemCursor, RESOURCE } from "../../../../signals/otlp/item-cursor.ts";
import type { Edge } from "./edge-store.ts";

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const ERROR = 2;
/** In Status. */
const statusCode = 3;
const NO_ID = "\0".repeat(8);

export interface PairingArguments {
  readonly dimensions: readonly string[];
  readonly database_name_attributes: readonly string[];
  readonly virtual_node_peer_attributes: readonly string[];
}

interface Name {
  readonly name: string;
  readonly key: Uint8Array;
}

/** Reads from spans what they tell of requests between services. */
export class SpanPairing {
  readonly #dimensions: readonly Name[];
  readonly #databases: readonly Name[];
  readonly #peers: readonly Name[];
  readonly #cursor = new ItemCursor("traces");
  readonly #fields = new ProtobufReader();
  readonly #status = new ProtobufReader();
  readonly #attributes = new AttributeCursor();
  readonly #value = new AnyValueReader();
  #chunk: Uint8Array = new Uint8Array(0);
  #resourceStart = 0;
  #resourceEnd = 0;
  #service: string | undefined;
  #kind = 0;
  #traceId = "";
  #spanId = "";
  #parentId = "";
  #seconds = 0;
  #isFailed = false;

  constructor(args: PairingArguments) {
    const names = (list: readonly string[]) => list.map((name) => ({ name, key: Buffer.from(name) }));
    this.#dimensions = names(args.dimensions);
    this.#databases = names(args.database_name_attributes);
    this.#peers = names(args.virtual_node_peer_attributes);
  }

  /**
   * Goes through the spans of a chunk. For each that is a side of a request it asks for the edge and tells it what is known; `changed` hears of it then.
   * Returns how many spans have no service, and how many are no side of a request.
   */
  read(
    chunk: Uint8Array,
    edgeOf: (key: string, isRoot: boolean) => Edge,
    changed: (edge: Edge) => void,
  ): { readonly nameless: number; readonly inner: number } {
    const cursor = this.#cursor.reset(chunk);
    this.#chunk = chunk;
    let nameless = 0;
    let inner = 0;
    while (cursor.next()) {
      if (cursor.entered <= RESOURCE) {
        cursor.resource();
        this.#resourceStart = cursor.partStart;
        this.#resourceEnd = cursor.partEnd;
        this.#service = this.#ofResource(serviceName);
      }
      if (this.#service === undefined) {
        nameless++;
        continue;
      }
      const { start, end } = cursor;
      this.#readSpan(start, end);
      const isClient = this.#kind === CLIENT || this.#kind === PRODUCER;
      if (!isClient && this.#kind !== SERVER && this.#kind !== CONSUMER) {
        inner++;
        continue;
      }
      const id = isClient ? this.#spanId : this.#parentId;
      const edge = edgeOf(this.#traceId + id, id === NO_ID);
      edge.connectionType = this.#kind === PRODUCER || this.#kind === CONSUMER ? "messaging_system" : "";
      edge.isFailed ||= this.#isFailed;
      if (isClient) this.#tellClient(edge, start, end);
      else {
        edge.server = this.#service;
        edge.serverSeconds = this.#seconds;
        this.#tellDimensions(edge, "server", start, end);
      }
      changed(edge);
    }
    return { nameless, inner };
  }

  #tellClient(edge: Edge, start: number, end: number): void {
    edge.client = this.#service ?? "";
    edge.clientSeconds = this.#seconds;
    this.#tellDimensions(edge, "client", start, end);
    for (const { key } of this.#peers) {
      const peer = this.#lookUp(key, start, end, spanField.attributes);
      if (peer === undefined) continue;
      edge.peer = peer;
      break;
    }
    // A database has no spans of its own.
    for (const { key } of this.#databases) {
      const database = this.#ofResource(key) ?? this.#lookUp(key, start, end, spanField.attributes);
      if (database === undefined) continue;
      edge.connectionType = "database";
      edge.server = database;
      edge.serverSeconds = this.#seconds;
      break;
    }
  }

  #tellDimensions(edge: Edge, side: "client" | "server", start: number, end: number): void {
    for (const { name, key } of this.#dimensions) {
      const value = this.#ofResource(key) ?? this.#lookUp(key, start, end, spanField.attributes);
      if (value !== undefined) edge.dimensions.set(`${side}_${name}`, value);
    }
  }

  #ofResource(key: Uint8Array): string | undefined {
    return this.#lookUp(key, this.#resourceStart, this.#resourceEnd, resourceField.attributes);
  }

  #lookUp(key: Uint8Array, start: number, end: number, field: number): string | undefined {
    const attributes = this.#attributes.reset(this.#chunk, start, end, field);
    return attributes.find(key) ? this.#value.reset(this.#chunk, attributes.valueStart, attributes.valueEnd).text() : undefined;
  }

  #readSpan(start: number, end: number): void {
    const bytes = this.#chunk;
    this.#kind = 0;
    this.#traceId = "";
    this.#spanId = this.#parentId = NO_ID;
    this.#isFailed = false;
    let startLow = 0;
    let startHigh = 0;
    let endLow = 0;
    let endHigh = 0;
    const fields = this.#fields.reset(bytes, start, end);
    while (fields.next())
      switch (fields.field) {
        case spanField.traceId:
          this.#traceId = idText(bytes, fields.start, fields.stop);
          break;
        case spanField.spanId:
          if (fields.stop - fields.start === 8) this.#spanId = idText(bytes, fields.start, fields.stop);
          break;
        case spanField.parentSpanId:
          if (fields.stop - fields.start === 8) this.#parentId = idText(bytes, fields.start, fields.stop);
          break;
        case spanField.kind:
          this.#kind = fields.low;
          break;
        case spanField.startTime:
          startLow = fields.low >>> 0;
          startHigh = fields.high >>> 0;
          break;
        case spanField.endTime:
          endLow = fields.low >>> 0;
          endHigh = fields.high >>> 0;
          break;
        case spanField.status: {
          const status = this.#status.reset(bytes, fields.start, fields.stop);
          while (status.next()) if (status.field === statusCode) this.#isFailed = status.low === ERROR;
          break;
        }
      }
    // Clocks that go back make no negative durations.
    this.#seconds = Math.max((endHigh - startHigh) * 4294967296 + (endLow - startLow), 0) / 1e9;
  }
}

const serviceName = Buffer.from("service.name");

function idText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
