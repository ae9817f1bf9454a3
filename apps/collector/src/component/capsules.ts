import type { Rules } from "../relabel/rules.ts";
import type { Consumer } from "../signals/consumer.ts";
import type { LogBatch } from "../signals/loki/log-batch.ts";
import { capsule, type Type } from "./arguments.ts";

/** The types of what components export to each other, by the names that messages and the catalogue use. */

/** The rules of a component that relabels, for others to apply. */
export const relabelRules: Type<Rules> = capsule("relabel.Rules");

/** Takes log lines in batches: what `receiver` of `loki.*` carries. */
export const lokiReceiver: Type<Consumer<LogBatch>> = capsule("loki.LogsReceiver");
