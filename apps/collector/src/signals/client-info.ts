/** Headers of a request as its sender wrote them: names in lower case, several values of a name in their order. */
export class Metadata {
  /** Name, value, name, value, … */
  readonly #pairs: readonly string[];

  /** Keeps `pairs` (name, value, name, value, …; names in lower case); the caller no longer changes them. */
  constructor(pairs: readonly string[]) {
    this.#pairs = pairs;
  }

  static readonly none = new Metadata([]);

  /** The first value of a name; the name's case does not count. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    for (let i = 0; i < this.#pairs.length; i += 2) if (this.#pairs[i] === wanted) return this.#pairs[i + 1];
    return undefined;
  }

  /** All values of a name. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (let i = 0; i < this.#pairs.length; i += 2) if (this.#pairs[i] === wanted) values.push(this.#pairs[i + 1] ?? "");
    return values;
  }

  /** Only the named ones, for holders that keep metadata for longer. */
  only(names: readonly string[]): Metadata {
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    const kept: string[] = [];
    for (let i = 0; i < this.#pairs.length; i += 2) {
      const name = this.#pairs[i] ?? "";
      if (wanted.has(name)) kept.push(name, this.#pairs[i + 1] ?? "");
    }
    return new Metadata(kept);
  }

  *[Symbol.iterator](): Generator<readonly [string, string]> {
    for (let i = 0; i < this.#pairs.length; i += 2) yield [this.#pairs[i] ?? "", this.#pairs[i + 1] ?? ""];
  }
}

/** Who sent a batch, where a receiver was told to pass that on. */
export interface ClientInfo {
  readonly metadata: Metadata;
  /** What an authenticator found out about the sender: `username`, `subject`, … */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The address of the peer, without its port. */
  readonly address: string;
}

/** What further components see of a sender: its metadata only where the user wants that. */
export function visibleClient(client: ClientInfo, includeMetadata: boolean): ClientInfo {
  if (includeMetadata) return client;
  const { attributes } = client;
  return {
    metadata: Metadata.none,
    ...(attributes !== undefined && { attributes }),
    get address() {
      return client.address;
    },
  };
}
