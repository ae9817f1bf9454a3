import type { ComponentContext, ProcessServices } from "../component/context.ts";
import type { ApiServer, Selection } from "./api-server.ts";
import type { ApiServerArgs } from "./client-arguments.ts";
import { connect } from "./connect.ts";
import type { Kept, Kind } from "./kind.ts";
import { ObjectWatch } from "./object-watch.ts";

type Surroundings = Pick<ComponentContext, "clock" | "log" | "peers">;

/** A share in a client of an API server. The client lives until the last share is given back. */
export interface ApiShare {
  readonly server: ApiServer;
  /** The one watch of the process for these objects, made with the first share in it. */
  watch<T extends Kept>(kind: Kind<T>, selection: Selection): WatchShare<T>;
  release(): Promise<void>;
}

export interface WatchShare<T extends Kept> {
  readonly watch: ObjectWatch<T>;
  release(): Promise<void>;
}

/** Everything in a namespace, or where that is empty in the cluster. */
export function everythingIn(namespace: string): Selection {
  return { namespace, labels: "", fields: "" };
}

/**
 * Components of one process that reach an API server in the same way share a client, and those of them that watch the same objects share the
 * watch and what is kept of the objects.
 */
export function shareApiServer(args: ApiServerArgs, context: Surroundings): ApiShare {
  const pool = pools.get(context.peers) ?? new Map<string, SharedClient>();
  pools.set(context.peers, pool);
  const key = keyOfArguments(args);
  const client = pool.get(key) ?? new SharedClient(connect(args, context), context);
  pool.set(key, client);
  client.shares++;
  return {
    server: client.server,
    watch: (kind, selection) => client.watch(kind, selection),
    async release() {
      if (--client.shares > 0) return;
      pool.delete(key);
      await client.server.close();
    },
  };
}

/** One pool a process: whatever offers the process's services is the process. */
const pools = new WeakMap<ProcessServices, Map<string, SharedClient>>();

class SharedClient {
  readonly server: ApiServer;
  readonly #context: Surroundings;
  readonly #watches = new Map<string, { readonly watch: ObjectWatch<Kept>; shares: number }>();
  shares = 0;

  constructor(server: ApiServer, context: Surroundings) {
    this.server = server;
    this.#context = context;
  }

  watch<T extends Kept>(kind: Kind<T>, selection: Selection): WatchShare<T> {
    const key = JSON.stringify([kind.group, kind.version, kind.resource, selection.namespace, selection.labels, selection.fields]);
    let entry = this.#watches.get(key);
    if (entry === undefined) {
      const { clock } = this.#context;
      const made = new ObjectWatch({ server: this.server, kind, selection, clock, random: Math.random });
      entry = { watch: made as unknown as ObjectWatch<Kept>, shares: 0 };
      this.#watches.set(key, entry);
    }
    const shared = entry;
    shared.shares++;
    return {
      // The key holds the kind, and a kind has one way to be kept.
      watch: shared.watch as unknown as ObjectWatch<T>,
      release: async () => {
        if (--shared.shares > 0) return;
        this.#watches.delete(key);
        await shared.watch.close();
      },
    };
  }
}

/** Secrets take part in the key by what they hide. It never leaves this file. */
function keyOfArguments(args: ApiServerArgs): string {
  return JSON.stringify(args, (_, value: unknown) => (isSecret(value) ? value.reveal() : value));
}

function isSecret(value: unknown): value is { reveal(): string } {
  return typeof value === "object" && value !== null && "reveal" in value;
}
