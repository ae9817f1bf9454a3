import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent } from "../../../../component/definition.ts";
import { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import { noRules } from "../../../../relabel/rules.ts";
import { fanout } from "../../../../signals/fanout.ts";
import { ListenerSet, type WantedListener } from "../../../../transport/listener-set.ts";
import { packetMetricDocs } from "../../../../transport/packet-metrics.ts";
import { type Args, schema } from "./arguments.ts";
import { SyslogIntake } from "./intake.ts";
import { listen, type SyslogListener } from "./listen.ts";

const ENTRIES = "loki_source_syslog_entries_total";
const ERRORS = "loki_source_syslog_parsing_errors_total";
const EMPTY = "loki_source_syslog_empty_messages_total";
const DROPPED = "loki_source_syslog_dropped_lines_total";

/** Receives messages of syslog. */
export const component = defineComponent({
  name: "loki.source.syslog",
  stability: "generally-available",
  summary: "Receives syslog messages over TCP, TLS and UDP.",
  ...schema,
  exports: {},
  metrics: [
    { name: ENTRIES, kind: "counter", doc: "Lines handed on." },
    { name: ERRORS, kind: "counter", doc: "Messages that could not be read." },
    { name: EMPTY, kind: "counter", doc: "Messages without text." },
    { name: DROPPED, kind: "counter", doc: "Lines that were refused for good, or not taken before the end, by reason." },
    ...packetMetricDocs,
  ],
  needs: { listens: ["listener.address"] },
  create: (context, args) => createSource(context, args),
});

function createSource(context: ComponentContext, args: Args): Component<Args> {
  const { clock, log, metrics } = context;
  let current = args;
  let next = fanout(args.forward_to);
  const dropped = metrics.counter(DROPPED, { help: "Lines that were refused for good.", labels: ["reason"] });
  const counts = {
    entries: metrics.counter(ENTRIES, { help: "Total number of successful entries sent to the syslog target" }).of(),
    parsingErrors: metrics.counter(ERRORS, { help: "Total number of parsing errors while receiving syslog messages" }).of(),
    empty: metrics.counter(EMPTY, { help: "Total number of empty messages receiving from syslog" }).of(),
    dropped,
  };
  const sink = new WaitingSink({ clock, log, dropped, next: () => next });
  const listeners = new ListenerSet<SyslogListener>();
  const wanted = ({ listener }: Args): Record<string, WantedListener<SyslogListener>> =>
    Object.fromEntries(
      listener.map((args, i) => {
        const intake = new SyslogIntake({ context, args, rules: () => current.relabel_rules ?? noRules, counts, sink });
        return [`${i}`, { settings: args, open: () => listen(context, args, intake) }];
      }),
    );

  return {
    start: () => listeners.change(wanted(args)),
    async update(newArgs) {
      await listeners.change(wanted(newArgs));
      current = newArgs;
      next = fanout(newArgs.forward_to);
    },
    async stop(deadline) {
      await listeners.close(deadline);
      // What still waits to be taken is lost, and counted.
      sink.stop();
    },
    debugInfo: () => ({
      listeners: current.listener.map(({ address, labels }, i) => {
        const open = listeners.get(`${i}`);
        return {
          ready: open !== undefined,
          listen_address: open === undefined ? address : `${open.host}:${open.port}`,
          labels: JSON.stringify(labels),
        };
      }),
    }),
  };
}
