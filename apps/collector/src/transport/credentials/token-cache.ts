import type { Clock } from "../../component/clock.ts";

export interface Token {
  readonly value: string;
  /** The scheme that goes before it. */
  readonly type: string;
  /** When it must be renewed, by the clock's `now`; undefined: never. */
  readonly renewAtMs: number | undefined;
}

/** Keeps a token until it is to be renewed. Requests that come while it is fetched wait for the same one; a failure is not kept. */
export class TokenCache<T extends { readonly renewAtMs: number | undefined } = Token> {
  readonly #fetch: () => Promise<T>;
  readonly #clock: Clock;
  #token: T | undefined;
  #pending: Promise<T> | undefined;

  constructor(fetch: () => Promise<T>, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  async get(): Promise<T> {
    const token = this.#token;
    if (token !== undefined && (token.renewAtMs === undefined || this.#clock.now() < token.renewAtMs)) return token;
    this.#pending ??= this.#renew();
    return this.#pending;
  }

  /** Fetches anew at the next use: a server refused the token, or what it is fetched with has changed. */
  forget(): void {
    this.#token = undefined;
  }

  async #renew(): Promise<T> {
    try {
      this.#token = await this.#fetch();
      return this.#token;
    } finally {
      this.#pending = undefined;
    }
  }
}
