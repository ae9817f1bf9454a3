import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AnyValueReader, STRING, writeString } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import { resourceField, spanField } from "../../../../signals/otlp/fields.ts";
import type { DimensionArguments } from "./dimension-arguments.ts";
import { globPattern } from "./glob.ts";

/** Where a value lies: the AnyValue's content. */
interface Found {
  bytes: Uint8Array;
  start: number;
  end: number;
}

interface Named {
  readonly name: string;
  readonly key: Uint8Array;
  readonly fallback: Uint8Array | undefined;
  /** Of the current span, event and resource; `end < 0`: none. */
  readonly ofSpan: Found;
  readonly ofEvent: Found;
  readonly ofResource: Found;
}

const NONE = new Uint8Array(0);
const none = (): Found => ({ bytes: NONE, start: 0, end: -1 });
/** In Event. */
const eventAttributes = 3;

/** Where attributes that a pattern chooses are looked for. */
interface Place {
  bytes: Uint8Array;
  start: number;
  end: number;
  readonly field: number;
}

/** A list of dimensions, and their values for one span after the other. */
export class Dimensions {
  readonly #named: readonly Named[];
  readonly #globs: readonly RegExp[];
  readonly #cursor = new AttributeCursor();
  readonly #value = new AnyValueReader();
  readonly #resource: Place = { bytes: NONE, start: 0, end: 0, field: resourceField.attributes };
  readonly #span: Place = { bytes: NONE, start: 0, end: 0, field: spanField.attributes };
  readonly #event: Place = { bytes: NONE, start: 0, end: 0, field: eventAttributes };

  constructor(dimensions: readonly DimensionArguments[]) {
    this.#named = dimensions
      .filter(({ name }) => name !== "")
      .map(({ name, default: fallback }) => ({
        name,
        key: Buffer.from(name),
        fallback: fallback === undefined ? undefined : textContent(fallback),
        ofSpan: none(),
        ofEvent: none(),
        ofResource: none(),
      }));
    this.#globs = dimensions.flatMap(({ glob }) => (glob === "" ? [] : [globPattern(glob) as RegExp]));
  }

  get isEmpty(): boolean {
    return this.#named.length === 0 && this.#globs.length === 0;
  }

  /** Begins with the Resource in `bytes` from `start` to `end`. */
  resource(bytes: Uint8Array, start: number, end: number): void {
    this.#look(this.#resource, bytes, start, end, "ofResource");
  }

  span(bytes: Uint8Array, start: number, end: number): void {
    this.#look(this.#span, bytes, start, end, "ofSpan");
    for (const dimension of this.#named) dimension.ofEvent.end = -1;
    this.#event.end = this.#event.start = 0;
  }

  /** The event's attributes stand before those of the resource until the next span. */
  event(bytes: Uint8Array, start: number, end: number): void {
    this.#look(this.#event, bytes, start, end, "ofEvent");
  }

  #look(place: Place, bytes: Uint8Array, start: number, end: number, into: "ofSpan" | "ofEvent" | "ofResource"): void {
    place.bytes = bytes;
    place.start = start;
    place.end = end;
    const named = this.#named;
    if (named.length === 0) return;
    for (let i = 0; i < named.length; i++) (named[i] as Named)[into].end = -1;
    const cursor = this.#cursor.reset(bytes, start, end, place.field);
    while (cursor.next())
      for (let i = 0; i < named.length; i++) {
        const dimension = named[i] as Named;
        const found = dimension[into];
        if (found.end >= 0 || !cursor.keyIs(dimension.key)) continue;
        found.bytes = bytes;
        found.start = cursor.valueStart;
        found.end = cursor.valueEnd;
      }
  }

  /** Appends what tells these values from others: as texts, for that is how they are told apart in the end. */
  writeKey(writer: ProtobufWriter): void {
    const named = this.#named;
    for (let i = 0; i < named.length; i++) {
      const found = currentOf(named[i] as Named);
      if (found === undefined) writer.byte(0);
      else this.#writeText(writer, found.bytes, found.start, found.end);
    }
    if (this.#globs.length > 0)
      this.#eachMatch((name, bytes, start, end) => {
        writer.byte(2);
        writeRun(writer, Buffer.from(name));
        this.#writeText(writer, bytes, start, end);
      });
  }

  #writeText(writer: ProtobufWriter, bytes: Uint8Array, start: number, end: number): void {
    const value = this.#value.reset(bytes, start, end);
    writer.byte(1);
    if (value.kind === STRING) {
      writer.varint(value.end - value.start);
      writer.raw(bytes, value.start, value.end);
    } else writeRun(writer, Buffer.from(value.text()));
  }

  /** Hands over the current dimensions, to be encoded. */
  each(take: (name: string, bytes: Uint8Array, start: number, end: number) => void): void {
    for (const dimension of this.#named) {
      const found = currentOf(dimension);
      if (found !== undefined) take(dimension.name, found.bytes, found.start, found.end);
    }
    if (this.#globs.length > 0) this.#eachMatch(take);
  }

  /** Attributes of the span, then those of event and resource that the span has not, each ordered by key. */
  #eachMatch(take: (name: string, bytes: Uint8Array, start: number, end: number) => void): void {
    const ofSpan = this.#read(this.#span, new Map());
    const others = this.#read(this.#event, this.#read(this.#resource, new Map()));
    for (const name of [...ofSpan.keys()].sort()) this.#takeMatching(name, ofSpan, take);
    for (const name of [...others.keys()].sort()) if (!ofSpan.has(name)) this.#takeMatching(name, others, take);
  }

  #takeMatching(
    name: string,
    from: ReadonlyMap<string, Found>,
    take: (name: string, bytes: Uint8Array, start: number, end: number) => void,
  ): void {
    const found = from.get(name);
    if (found !== undefined && this.#globs.some((glob) => glob.test(name))) take(name, found.bytes, found.start, found.end);
  }

  #read(place: Place, into: Map<string, Found>): Map<string, Found> {
    const cursor = this.#cursor.reset(place.bytes, place.start, place.end, place.field);
    while (cursor.next()) into.set(cursor.keyText(), { bytes: place.bytes, start: cursor.valueStart, end: cursor.valueEnd });
    return into;
  }
}

function currentOf({ ofSpan, ofEvent, ofResource, fallback }: Named): Found | undefined {
  if (ofSpan.end >= 0) return ofSpan;
  if (ofEvent.end >= 0) return ofEvent;
  if (ofResource.end >= 0) return ofResource;
  return fallback === undefined ? undefined : { bytes: fallback, start: 0, end: fallback.length };
}

function writeRun(writer: ProtobufWriter, bytes: Uint8Array): void {
  writer.varint(bytes.length);
  writer.raw(bytes);
}

function textContent(text: string): Uint8Array {
  const writer = new ProtobufWriter(text.length + 8);
  writeString(writer, text);
  return writer.toBytes();
}
