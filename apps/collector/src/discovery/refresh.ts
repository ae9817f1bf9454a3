import type { ComponentContext } from "../component/context.ts";
import type { Component } from "../component/definition.ts";
import type { Target } from "./targets.ts";

/** A way to find targets which is asked again and again. */
export interface Discoverer<Args> {
  /** Throws where nothing can be said: then what was known stays. */
  discover(args: Args, signal: AbortSignal): Promise<readonly Target[]>;
  close?(): void | Promise<void>;
}

/** Asks a discoverer at once and then every `refresh_interval`, and exports `targets` whenever they changed. */
export function refreshing<Args extends { readonly refresh_interval: number }>(
  context: ComponentContext,
  mechanism: string,
  args: Args,
  open: (args: Args) => Discoverer<Args>,
): Component<Args> {
  const failures = context.metrics
    .counter("prometheus_sd_refresh_failures_total", { help: "Times that targets could not be asked for.", labels: ["mechanism"] })
    .of(mechanism);
  const abort = new AbortController();
  let current = args;
  let discoverer = open(args);
  let cancel = () => {};
  let round: Promise<void> = Promise.resolve();
  context.export({ targets: [] });

  const refresh = async () => {
    const asked = current;
    try {
      const targets = await discoverer.discover(asked, abort.signal);
      if (abort.signal.aborted || asked !== current) return;
      context.export({ targets });
      context.health("healthy", `found ${targets.length} targets`);
    } catch (error) {
      if (abort.signal.aborted) return;
      failures.add(1);
      context.health("unhealthy", `what was found before stays: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const loop = () => {
    round = round.then(refresh).then(() => {
      if (!abort.signal.aborted) cancel = context.clock.after(current.refresh_interval, loop);
    });
  };
  return {
    start: loop,
    async update(next) {
      const previous = discoverer;
      discoverer = open(next);
      current = next;
      cancel();
      loop();
      await previous.close?.();
    },
    async stop() {
      abort.abort();
      cancel();
      await discoverer.close?.();
    },
  };
}
