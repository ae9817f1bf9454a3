import { Capsule } from "@invar/alloy-syntax";
import { type Decoded, labels, list, required } from "../../../component/arguments.ts";
import { relabelRules } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import { ruleBlock } from "../../../relabel/rule.ts";
import { compileRules, type Rules, relabel, sameRules } from "../../../relabel/rules.ts";

const schema = {
  arguments: { targets: required(list(labels), "The targets to be relabelled.") },
  blocks: { rule: ruleBlock("A relabelling rule for targets; rules apply from top to bottom.") },
} as const;

type RelabelArgs = Decoded<typeof schema>;
type Labels = Readonly<Record<string, string>>;

/** Relabels, drops and keeps targets. */
export const component = defineComponent({
  name: "discovery.relabel",
  stability: "generally-available",
  summary: "Rewrites the labels of targets, and drops what rules say.",
  arguments: schema.arguments,
  blocks: schema.blocks,
  exports: {
    output: { type: list(labels), doc: "The targets after relabelling." },
    rules: { type: relabelRules, doc: "The rules, for other components to apply." },
  },
  metrics: [],
  needs: {},
  create: (context, args) => new TargetRelabeller(context, args),
});

class TargetRelabeller implements Component<RelabelArgs> {
  readonly #context: ComponentContext;
  #rules: Rules;
  #capsule: Capsule<Rules>;

  constructor(context: ComponentContext, args: RelabelArgs) {
    this.#context = context;
    this.#rules = compileRules(args.rule);
    this.#capsule = new Capsule("relabel.Rules", this.#rules);
    this.#apply(args);
  }

  start(): void {}

  update(args: RelabelArgs): void {
    if (!sameRules(this.#rules.source, args.rule)) {
      this.#rules = compileRules(args.rule);
      this.#capsule = new Capsule("relabel.Rules", this.#rules);
    }
    this.#apply(args);
  }

  stop(): void {}

  #apply(args: RelabelArgs): void {
    const { debugStream } = this.#context;
    const output: Labels[] = [];
    for (const target of args.targets) {
      const relabelled = relabel(target, this.#rules, "utf8");
      if (relabelled !== undefined) output.push(relabelled);
      if (debugStream.watched) debugStream.publish("target", 1, () => `${targetText(target)} => ${targetText(relabelled ?? {})}`);
    }
    this.#context.export({ output, rules: this.#capsule });
  }
}

function targetText(target: Labels): string {
  return `{${Object.entries(target)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}
