import { type ClientInfo, Metadata } from "../signals/client-info.ts";

/** Who sends a request. Holds nothing of its connection, for batches may keep it; headers become metadata only where somebody looks. */
export class RequestClient implements ClientInfo {
  readonly address: string;
  attributes?: Readonly<Record<string, string>>;
  #headers: readonly string[];
  #metadata: Metadata | undefined;

  /** `headers`: name, value, name, value, … as they came. */
  constructor(address: string, headers: readonly string[]) {
    this.address = address;
    this.#headers = headers;
  }

  get metadata(): Metadata {
    if (this.#metadata === undefined) {
      this.#metadata = new Metadata(metadataPairs(this.#headers));
      this.#headers = [];
    }
    return this.#metadata;
  }
}

/** Names in small letters, without those of the protocol itself but for the authority. */
function metadataPairs(headers: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] ?? "").toLowerCase();
    if (!name.startsWith(":") || name === ":authority") pairs.push(name, headers[i + 1] ?? "");
  }
  return pairs;
}
