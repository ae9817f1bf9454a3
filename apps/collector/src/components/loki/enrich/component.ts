import { isDeepStrictEqual } from "node:util";
import { Capsule } from "@invar/alloy-syntax";
import { type Decoded, defaulted, labels, list, required, string } from "../../../component/arguments.ts";
import { lokiReceiver } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import { MatchedTargets } from "../../../relabel/matched-targets.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { fanout } from "../../../signals/fanout.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { internRecord, type StreamLabels } from "../../../signals/loki/stream-labels.ts";
import { withStreams } from "../../../signals/loki/with-streams.ts";

const schema = {
  arguments: {
    forward_to: required(list(lokiReceiver), "Where the lines go."),
    targets: required(list(labels), "The targets whose labels are copied."),
    target_match_label: required(string, "The label of targets to match by."),
    logs_match_label: defaulted(string, "The label of lines that must match it; the same name where empty.", ""),
    labels_to_copy: defaulted(list(string), "The labels to copy; all where empty.", []),
  },
} as const;

type Args = Decoded<typeof schema>;

/** Adds labels of discovered targets to lines. */
export const component = defineComponent({
  name: "loki.enrich",
  stability: "experimental",
  summary: "Copies labels of discovered targets to the log lines that match them.",
  arguments: schema.arguments,
  exports: { receiver: { type: lokiReceiver, doc: "Takes lines to be enriched." } },
  metrics: [],
  needs: {},
  create(context, args) {
    const enricher = new LineEnricher(context, args);
    context.export({ receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", enricher) });
    return enricher;
  },
});

class LineEnricher implements Component<Args>, Consumer<LogBatch> {
  readonly #context: ComponentContext;
  #args: Args;
  #targets: MatchedTargets;
  #next: Consumer<LogBatch>;
  /** Results; forgotten with the labels that they were made of. */
  #known = new WeakMap<StreamLabels, StreamLabels>();
  #isStopped = false;

  constructor(context: ComponentContext, args: Args) {
    this.#context = context;
    this.#args = args;
    this.#targets = targetsOf(args);
    this.#next = fanout(args.forward_to);
  }

  start(): void {}

  update(args: Args): void {
    const { forward_to: _before, ...before } = this.#args;
    const { forward_to: receivers, ...after } = args;
    this.#args = args;
    this.#next = fanout(receivers);
    if (isDeepStrictEqual(before, after)) return;
    this.#targets = targetsOf(args);
    this.#known = new WeakMap();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async consume(batch: LogBatch): Promise<void> {
    const refusal = this.#stopped();
    if (refusal !== undefined) throw refusal;
    const streams = batch.streams.map((stream) => this.#enriched(stream));
    const { debugStream } = this.#context;
    if (debugStream.watched)
      for (const [i, stream] of streams.entries())
        debugStream.publish("loki_log", 1, () => `stream: ${batch.streams[i]?.text} => ${stream.text}`);
    const enriched = withStreams(batch, streams);
    if (enriched !== undefined) await this.#next.consume(enriched).finally(() => enriched.release());
  }

  pressure(): DeliveryError | undefined {
    return this.#stopped() ?? this.#next.pressure();
  }

  #enriched(stream: StreamLabels): StreamLabels {
    const known = this.#known.get(stream);
    if (known !== undefined) return known;
    const added = this.#targets.labelsFor((name) => stream.get(name) ?? "")?.filter(([, value]) => value !== "");
    const enriched = added === undefined ? stream : internRecord({ ...stream.record(), ...Object.fromEntries(added) });
    this.#known.set(stream, enriched);
    return enriched;
  }

  #stopped(): DeliveryError | undefined {
    if (!this.#isStopped) return undefined;
    return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
  }
}

function targetsOf(args: Args): MatchedTargets {
  const { target_match_label: label, logs_match_label: logsLabel } = args;
  return new MatchedTargets(args.targets, { [label]: logsLabel === "" ? label : logsLabel }, args.labels_to_copy);
}
