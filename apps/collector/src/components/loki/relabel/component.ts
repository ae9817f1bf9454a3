import { Capsule } from "@invar/alloy-syntax";
import { defaulted, int, list, required } from "../../../component/arguments.ts";
import { lokiReceiver, relabelRules } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import { ruleBlock } from "../../../relabel/rule.ts";
import { compileRules, sameRules } from "../../../relabel/rules.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { fanout } from "../../../signals/fanout.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { StreamRelabeller } from "./stream-relabeller.ts";

/** Rewrites the labels of log lines by rules. */
export const component = defineComponent({
  name: "loki.relabel",
  stability: "generally-available",
  summary: "Relabels and filters log lines by their labels.",
  arguments: {
    forward_to: required(list(lokiReceiver), "Where lines go after relabelling."),
    max_cache_size: defaulted(int, "For so many sets of labels the result is remembered.", 10_000, {
      check: (size) => (size > 0 ? undefined : "max_cache_size must be greater than 0 and is 0"),
    }),
  },
  blocks: { rule: ruleBlock() },
  exports: {
    receiver: { type: lokiReceiver, doc: "Takes the lines to be relabelled." },
    rules: { type: relabelRules, doc: "The rules, for other components to apply." },
  },
  metrics: [
    { name: "loki_relabel_entries_processed", kind: "counter", doc: "Lines that came." },
    { name: "loki_relabel_entries_written", kind: "counter", doc: "Lines that went on." },
    { name: "loki_relabel_cache_misses", kind: "counter", doc: "Sets of labels that rules were applied to." },
    { name: "loki_relabel_cache_hits", kind: "counter", doc: "Sets of labels whose result was remembered." },
    { name: "loki_relabel_cache_size", kind: "gauge", doc: "Results that are remembered." },
  ],
  needs: {},
  create(context, args) {
    let rules = compileRules(args.rule);
    const relabeller = new StreamRelabeller(context, { rules, maxCacheSize: args.max_cache_size, next: fanout(args.forward_to) });
    const receiver = new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", relabeller);
    const exportAll = () => context.export({ receiver, rules: new Capsule("relabel.Rules", rules) });
    exportAll();
    return {
      start() {},
      update(next) {
        const isChanged = !sameRules(next.rule, rules.source);
        if (isChanged) rules = compileRules(next.rule);
        relabeller.update({ rules, maxCacheSize: next.max_cache_size, next: fanout(next.forward_to) });
        if (isChanged) exportAll();
      },
      stop() {},
    };
  },
});
