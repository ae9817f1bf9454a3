import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AnyValueReader, BYTES, EMPTY, INT, STRING } from "../../../../signals/otlp/any-value.ts";
import type { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { writeAnyValue } from "../../../../signals/otlp/write/attributes.ts";

/** The attributes of one resource as texts. */
export class ResourceText {
  readonly #reader = new AnyValueReader();
  readonly #keys = new Encoded((name) => Buffer.from(name));
  readonly #contents = new Encoded((value) => contentOf(value));
  #attributes: AttributeEditor | undefined;

  reset(attributes: AttributeEditor): this {
    this.#attributes = attributes;
    return this;
  }

  /** A text's value; empty where there is none of that name, or no text. */
  text(name: string): string {
    const value = this.#value(name);
    return value?.kind === STRING ? value.string() : "";
  }

  has(name: string): boolean {
    return this.#editor.find(this.#keys.of(name)) >= 0;
  }

  /** A whole number, written as one or as a text. */
  integer(name: string): number | undefined {
    const value = this.#value(name);
    if (value?.kind === INT) return value.low;
    const text = this.text(name);
    return /^\d+$/.test(text) ? Number(text) : undefined;
  }

  /** Gives an attribute a value where it is absent or empty. */
  fill(name: string, value: string): void {
    const attributes = this.#editor;
    const key = this.#keys.of(name);
    const at = attributes.find(key);
    if (at < 0) {
      attributes.add(key, this.#contents.of(value));
      return;
    }
    const { kind, start, end } = attributes.value(at, this.#reader);
    if (kind === EMPTY || ((kind === STRING || kind === BYTES) && start === end)) attributes.set(at, this.#contents.of(value));
  }

  /** Adds a list of one text where the attribute is absent. */
  addList(name: string, value: string): void {
    if (!this.has(name)) this.#editor.add(this.#keys.of(name), contentOf([value]));
  }

  get #editor(): AttributeEditor {
    if (this.#attributes === undefined) throw new Error("a resource was expected: reset was not called");
    return this.#attributes;
  }

  #value(name: string): AnyValueReader | undefined {
    const at = this.#editor.find(this.#keys.of(name));
    return at < 0 ? undefined : this.#editor.value(at, this.#reader);
  }
}

/** More texts than this begin anew: pods come and go. */
const mostTexts = 20_000;

/** Keeps what texts are encoded to: the same few thousand are written again and again. */
class Encoded {
  readonly #encode: (text: string) => Uint8Array;
  readonly #known = new Map<string, Uint8Array>();

  constructor(encode: (text: string) => Uint8Array) {
    this.#encode = encode;
  }

  of(text: string): Uint8Array {
    let bytes = this.#known.get(text);
    if (bytes !== undefined) return bytes;
    if (this.#known.size >= mostTexts) this.#known.clear();
    bytes = this.#encode(text);
    this.#known.set(text, bytes);
    return bytes;
  }
}

function contentOf(value: string | readonly string[]): Uint8Array {
  const writer = new ProtobufWriter(64);
  writeAnyValue(writer, value);
  return writer.toBytes();
}
