import { systemClock } from "../component/clock.ts";
import { MetricRegistry } from "../component/metrics.ts";
import type { ServiceBlock } from "../graph/surroundings.ts";
import { httpBlock } from "../services/http/block.ts";
import { Pages } from "../services/http/pages.ts";
import { ProcessServer } from "../services/http/server.ts";
import { LiveDebugging, liveDebuggingBlock } from "../services/live-debugging/live-debugging.ts";
import { loggingBlock } from "../services/log/block.ts";
import { ProcessLog } from "../services/log/logger.ts";
import { type RemoteConfigArguments, remoteConfigBlock } from "../services/remote-config/block.ts";
import { tracingBlock } from "../services/tracing/block.ts";
import { ProcessTracer } from "../services/tracing/process-tracer.ts";
import { version } from "../version.ts";

/** The services that blocks of the configuration set up. */
export interface ConfiguredServices {
  readonly log: ProcessLog;
  readonly debug: LiveDebugging;
  readonly server: ProcessServer;
  readonly tracer: ProcessTracer;
  readonly remote: { apply(args: RemoteConfigArguments | undefined): void | Promise<void> };
}

export function serviceBlocks({ log, debug, server, tracer, remote }: ConfiguredServices): ServiceBlock[] {
  return [
    loggingBlock(log),
    tracingBlock(tracer, log.with({ service: "tracing" })),
    liveDebuggingBlock(debug),
    httpBlock(server, log.with({ service: "http" })),
    remoteConfigBlock(remote),
  ];
}

/** The same for checking alone: nothing is listened on, nothing is logged. */
export function idleServices(): ConfiguredServices {
  const log = new ProcessLog(() => {});
  const tracer = new ProcessTracer({ clock: systemClock, log: log.with({}), metrics: new MetricRegistry().scope(), version });
  const server = new ProcessServer({ listenAddress: "127.0.0.1:0", pages: new Pages(), tracer, log: log.with({}) });
  return { log, debug: new LiveDebugging(), server, tracer, remote: { apply() {} } };
}
