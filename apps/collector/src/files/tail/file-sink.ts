import type { Logger } from "../../component/context.ts";
import type { Counter } from "../../component/metrics.ts";
import type { LineSink, WaitingSink } from "../../delivery/waiting-sink.ts";

/** Where lines of files go. */
export interface FileSink extends LineSink {
  /** A line was longer than may be and was cut. */
  truncated(path: string): void;
  /** From now on a batch that is refused is given up: its position does not move, so that it is read again after a restart. */
  stop(): void;
}

export function fileSink(sink: WaitingSink, cut: Counter, log: Logger): FileSink {
  return {
    send: (batch, from) => sink.send(batch, from),
    stop: () => sink.stop(),
    truncated(path) {
      cut.add(1);
      log.warn("a line is longer than 4 MiB and was cut", { path });
    },
  };
}
