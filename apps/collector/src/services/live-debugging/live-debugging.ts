import { bool, type Decoded, defaulted, type Schema } from "../../component/arguments.ts";
import type { DebugData, DebugStream } from "../../component/context.ts";
import type { DebugWatch } from "../../component/graph-view.ts";

type Callback = (componentId: string, data: DebugData) => void;

/** Shows what leaves components to those who watch. Costs a look at a map where nobody does. */
export class LiveDebugging implements DebugWatch {
  enabled = false;
  readonly #watchers = new Map<string, Set<Callback>>();

  watch(globalId: string, callback: Callback): () => void {
    const callbacks = this.#watchers.get(globalId) ?? new Set();
    this.#watchers.set(globalId, callbacks.add(callback));
    return () => {
      callbacks.delete(callback);
      if (callbacks.size === 0 && this.#watchers.get(globalId) === callbacks) this.#watchers.delete(globalId);
    };
  }

  /** The stream that one component publishes to. */
  streamOf(globalId: string): DebugStream {
    const watchers = this.#watchers;
    const isEnabled = () => this.enabled;
    return {
      get watched() {
        return watchers.size > 0 && isEnabled() && (watchers.has(globalId) || watchers.has(everyComponent));
      },
      publish(kind, count, describe) {
        if (watchers.size === 0 || !isEnabled()) return;
        const data: DebugData = { kind, count, describe };
        for (const callback of watchers.get(globalId) ?? []) callback(globalId, data);
        for (const callback of watchers.get(everyComponent) ?? []) callback(globalId, data);
      },
    };
  }
}

/** Who watches the graph watches every component. */
export const everyComponent = "";

const schema = { arguments: { enabled: defaulted(bool, "Whether pages may watch what leaves components.", false) } } satisfies Schema;

/** The `livedebugging` block. */
export function liveDebuggingBlock(service: LiveDebugging) {
  return {
    name: "livedebugging",
    stability: "generally-available" as const,
    schema,
    defaults: { enabled: false },
    apply(args: Readonly<Record<string, unknown>>) {
      service.enabled = (args as Decoded<typeof schema>).enabled;
    },
  };
}
