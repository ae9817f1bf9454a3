import { Resolver } from "node:dns/promises";

const LOOK_UP_MS = 1000;

/** The names of addresses, asked by reverse DNS; as many are remembered as were told. */
export class SenderNames {
  readonly #known = new Map<string, Promise<string>>();
  readonly #limit: number;
  readonly #resolver = new Resolver({ timeout: LOOK_UP_MS, tries: 1 });

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** All names with commas between; empty where there is none. */
  of(ip: string): Promise<string> {
    const name = this.#known.get(ip) ?? this.#ask(ip);
    // The one that was used last comes last.
    this.#known.delete(ip);
    this.#known.set(ip, name);
    if (this.#known.size > this.#limit) this.#known.delete(this.#known.keys().next().value as string);
    return name;
  }

  async #ask(ip: string): Promise<string> {
    try {
      const names = await this.#resolver.reverse(ip);
      // As Go writes them: names of DNS end with a dot.
      return names.map((name) => (name.includes(".") && !name.endsWith(".") ? `${name}.` : name)).join(",");
    } catch {
      return "";
    }
  }
}
