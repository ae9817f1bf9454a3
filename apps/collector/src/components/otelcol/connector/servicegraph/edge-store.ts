/** What is between two services: a request, seen from one side so far. */
export interface Edge {
  /** Trace id and the client's span id, as bytes in a string. */
  readonly key: string;
  /** The server's span has no parent. */
  readonly isRoot: boolean;
  readonly expiresMs: number;
  connectionType: "" | "messaging_system" | "database" | "virtual_node";
  client: string;
  server: string;
  clientSeconds: number;
  serverSeconds: number;
  isFailed: boolean;
  /** By their names as labels: `client_http.method`. */
  readonly dimensions: Map<string, string>;
  /** Who the client says it speaks to. */
  peer: string | undefined;
  virtualNode: "" | "client" | "server";
}

/** Edges that wait for their other side, the oldest first. */
export class EdgeStore {
  readonly #waiting = new Map<string, Edge>();

  get size(): number {
    return this.#waiting.size;
  }

  get(key: string): Edge | undefined {
    return this.#waiting.get(key);
  }

  add(edge: Edge): void {
    this.#waiting.set(edge.key, edge);
  }

  remove(edge: Edge): void {
    this.#waiting.delete(edge.key);
  }

  /** Removes and hands over the edges whose time was up before `nowMs`. */
  expire(nowMs: number, take: (edge: Edge) => void): void {
    for (const edge of this.#waiting.values()) {
      // All wait equally long: behind the first that stays all others stay.
      if (edge.expiresMs >= nowMs) return;
      this.#waiting.delete(edge.key);
      take(edge);
    }
  }
}
