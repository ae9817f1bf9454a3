import type { ServiceBlock } from "../graph/surroundings.ts";
import { httpBlock } from "../services/http/block.ts";
import { Pages } from "../services/http/pages.ts";
import { ProcessServer } from "../services/http/server.ts";
import { LiveDebugging, liveDebuggingBlock } from "../services/live-debugging/live-debugging.ts";
import { loggingBlock } from "../services/log/block.ts";
import { ProcessLog } from "../services/log/logger.ts";
import { type RemoteConfigArguments, remoteConfigBlock } from "../services/remote-config/block.ts";

/** The services that blocks of the configuration set up. */
export interface ConfiguredServices {
  readonly log: ProcessLog;
  readonly debug: LiveDebugging;
  readonly server: ProcessServer;
  readonly remote: { apply(args: RemoteConfigArguments | undefined): void | Promise<void> };
}

export function serviceBlocks({ log, debug, server, remote }: ConfiguredServices): ServiceBlock[] {
  return [loggingBlock(log), liveDebuggingBlock(debug), httpBlock(server, log.with({ service: "http" })), remoteConfigBlock(remote)];
}

/** The same for checking alone: nothing is listened on, nothing is logged. */
export function idleServices(): ConfiguredServices {
  const log = new ProcessLog(() => {});
  const server = new ProcessServer({ listenAddress: "127.0.0.1:0", pages: new Pages(), log: log.with({}) });
  return { log, debug: new LiveDebugging(), server, remote: { apply() {} } };
}
