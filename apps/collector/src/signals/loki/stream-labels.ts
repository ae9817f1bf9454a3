import { compareTexts, quote } from "@invar/go-compat";

/**
 * The labels of one stream: sorted by name, immutable, and known once. Equal labels are the same object for as long as somebody holds it,
 * so that caches may be keyed by it and batches compare streams by identity.
 */
export class StreamLabels {
  readonly names: readonly string[];
  readonly values: readonly string[];
  #text: string | undefined;
  #hash = -1;

  /** Only `internLabels` calls it. */
  constructor(names: readonly string[], values: readonly string[]) {
    this.names = names;
    this.values = values;
  }

  get size(): number {
    return this.names.length;
  }

  get(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }

  /** The same labels and this one, in place of an older value. */
  with(name: string, value: string): StreamLabels {
    const at = this.names.indexOf(name);
    if (at < 0) return internSorted(...inserted(this, name, value));
    if (this.values[at] === value) return this;
    return internSorted(this.names, this.values.toSpliced(at, 1, value));
  }

  /** The labels whose names pass. */
  filter(keep: (name: string) => boolean): StreamLabels {
    if (this.names.every(keep)) return this;
    const kept = this.names.map(keep);
    return internSorted(
      this.names.filter((_, at) => kept[at]),
      this.values.filter((_, at) => kept[at]),
    );
  }

  record(): Record<string, string> {
    const record: Record<string, string> = Object.create(null);
    this.names.forEach((name, at) => {
      record[name] = this.values[at] as string;
    });
    return record;
  }

  /** As Loki writes it: `{a="b", c="d"}`. */
  get text(): string {
    this.#text ??= `{${this.names.map((name, at) => `${name}=${quote(this.values[at] as string)}`).join(", ")}}`;
    return this.#text;
  }

  /** 32 bits, equal for equal labels in every run of the program. */
  get hash(): number {
    if (this.#hash < 0) this.#hash = fnv1a(keyOf(this.names, this.values));
    return this.#hash;
  }
}

/** The label set of these names and values, in any order. Of a name that comes twice the last value holds. */
export function internLabels(pairs: Iterable<readonly [string, string]>): StreamLabels {
  const sorted = [...new Map(pairs)].sort(([a], [b]) => compareTexts(a, b));
  return internSorted(
    sorted.map(([name]) => name),
    sorted.map(([, value]) => value),
  );
}

export function internRecord(record: Readonly<Record<string, string>>): StreamLabels {
  return internLabels(Object.entries(record));
}

const known = new Map<string, WeakRef<StreamLabels>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** How many label sets are remembered now; for tests that nothing leaks. */
export function internedStreamLabels(): number {
  return known.size;
}

function internSorted(names: readonly string[], values: readonly string[]): StreamLabels {
  const key = keyOf(names, values);
  const found = known.get(key)?.deref();
  if (found !== undefined) return found;
  const made = new StreamLabels(names.map(ownText), values.map(ownText));
  const ownKey = ownText(key);
  known.set(ownKey, new WeakRef(made));
  forgotten.register(made, ownKey);
  return made;
}

function inserted(labels: StreamLabels, name: string, value: string): [string[], string[]] {
  let at = 0;
  while (at < labels.names.length && compareTexts(labels.names[at] as string, name) < 0) at++;
  return [labels.names.toSpliced(at, 0, name), labels.values.toSpliced(at, 0, value)];
}

// Lengths keep names and values apart whatever characters they have.
function keyOf(names: readonly string[], values: readonly string[]): string {
  let key = "";
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    const value = values[at] as string;
    key += `${name.length}:${value.length}:${name}${value}`;
  }
  return key;
}

// A slice of a batch's decoded text would keep the whole text alive for as long as the label lives; a copy does not.
function ownText(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, "utf16le").toString("utf16le");
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
