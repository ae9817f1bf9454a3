import { Secret } from "@invar/alloy-syntax";
import { assumed, type Decoded, defaulted, duration, required, string } from "../component/arguments.ts";
import type { ComponentContext } from "../component/context.ts";
import type { Component } from "../component/definition.ts";
import { apiServerBlock, checkApiServer } from "./client-arguments.ts";
import type { WireObject } from "./kind.ts";
import { type ApiShare, shareApiServer } from "./shared-watches.ts";

/** The arguments of components that hand on the data of one named object. */
export const polledDataSchema = {
  arguments: {
    name: required(string, "The object's name."),
    namespace: required(string, "The object's namespace."),
    poll_frequency: defaulted(duration, "How often the object is read.", "1m", { check: positive("poll_frequency") }),
    poll_timeout: defaulted(duration, "How long reading may take.", "15s", { check: positive("poll_timeout") }),
  },
  blocks: { client: assumed("How the API server is reached; without it as pods do.", apiServerBlock, { check: checkApiServer }) },
};

export type PolledDataArgs = Decoded<typeof polledDataSchema>;

export interface PolledKind {
  /** `secret`, as the health message says it. */
  readonly word: string;
  readonly resource: string;
  read(object: WireObject): Readonly<Record<string, string | Secret>>;
}

export const polledSecret: PolledKind = {
  word: "secret",
  resource: "secrets",
  read: (object) =>
    mapped((object as { data?: Record<string, string> }).data, (text) => new Secret(Buffer.from(text, "base64").toString("utf8"))),
};

export const polledConfigMap: PolledKind = {
  word: "configmap",
  resource: "configmaps",
  read: (object) => mapped((object as { data?: Record<string, string> }).data, (text) => text),
};

/** Reads the object before anything that uses it is evaluated, and again every `poll_frequency`; rejects where the first reading fails. */
export async function pollData(context: ComponentContext, kind: PolledKind, args: PolledDataArgs): Promise<Component<PolledDataArgs>> {
  const polled = new PolledData(context, kind, args);
  await polled.first();
  return polled;
}

class PolledData implements Component<PolledDataArgs> {
  readonly #context: ComponentContext;
  readonly #kind: PolledKind;
  #args: PolledDataArgs;
  #api: ApiShare;
  #seen: string | undefined;
  #cancel = () => {};
  readonly #abort = new AbortController();

  constructor(context: ComponentContext, kind: PolledKind, args: PolledDataArgs) {
    this.#context = context;
    this.#kind = kind;
    this.#args = args;
    this.#api = shareApiServer(args.client, context);
  }

  async first(): Promise<void> {
    try {
      await this.#poll();
    } catch (error) {
      await this.#api.release();
      throw error;
    }
  }

  start(): void {
    this.#again();
  }

  async update(args: PolledDataArgs): Promise<void> {
    const [previous, api] = [this.#args, this.#api];
    this.#args = args;
    this.#api = shareApiServer(args.client, this.#context);
    try {
      await this.#poll();
    } catch (error) {
      await this.#api.release();
      [this.#args, this.#api] = [previous, api];
      throw error;
    }
    await api.release();
    this.#again();
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#abort.abort();
    await this.#api.release();
  }

  debugInfo(): unknown {
    return { namespace: this.#args.namespace, name: this.#args.name };
  }

  #again(): void {
    this.#cancel();
    this.#cancel = this.#context.clock.after(this.#args.poll_frequency, () => {
      this.#poll()
        .catch((error: unknown) => {
          if (!this.#abort.signal.aborted)
            this.#context.health("unhealthy", `polling failed: ${error instanceof Error ? error.message : String(error)}`);
        })
        .finally(() => {
          if (!this.#abort.signal.aborted) this.#again();
        });
    });
  }

  async #poll(): Promise<void> {
    const { name, namespace, poll_timeout: timeoutMs } = this.#args;
    const { resource, word, read } = this.#kind;
    const late = new AbortController();
    const cancel = this.#context.clock.after(timeoutMs, () => late.abort());
    let object: WireObject | undefined;
    try {
      object = await this.#api.server.get(
        { group: "", version: "v1", resource },
        namespace,
        name,
        AbortSignal.any([late.signal, this.#abort.signal]),
      );
    } catch (error) {
      throw late.signal.aborted ? new Error(`the API server did not answer within poll_timeout (${timeoutMs} ms)`) : error;
    } finally {
      cancel();
    }
    if (object === undefined) throw new Error(`${resource} "${name}" not found in namespace ${namespace}`);
    const version = `${namespace}/${name}/${object.metadata?.uid}/${object.metadata?.resourceVersion}`;
    if (version !== this.#seen) this.#context.export({ data: read(object) });
    this.#seen = version;
    this.#context.health("healthy", `got ${word}`);
  }
}

function mapped<T>(data: Readonly<Record<string, string>> = {}, read: (text: string) => T): Readonly<Record<string, T>> {
  const result: Record<string, T> = Object.create(null);
  for (const [key, text] of Object.entries(data)) result[key] = read(text);
  return result;
}

function positive(name: string): (ms: number) => string | undefined {
  return (ms) => (ms > 0 ? undefined : `${name} must be greater than 0`);
}
