import type { Rules } from "../relabel/rules.ts";
import type { Consumer } from "../signals/consumer.ts";
import type { LogBatch } from "../signals/loki/log-batch.ts";
import type { OtelConsumer } from "../signals/otlp/batch.ts";
import type { SampleBatch } from "../signals/prometheus/sample-batch.ts";
import type { StorageHandler } from "../signals/storage-handler.ts";
import type { AuthHandler } from "../transport/authentication.ts";
import { capsule, type Type } from "./arguments.ts";

/** The types of what components export to each other, by the names that messages and the catalogue use. */

/** The rules of a component that relabels, for others to apply. */
export const relabelRules: Type<Rules> = capsule("relabel.Rules");

/** Takes log lines in batches: what `receiver` of `loki.*` carries. */
export const lokiReceiver: Type<Consumer<LogBatch>> = capsule("loki.LogsReceiver");

/** Takes traces, metrics and logs in OTLP: what `input` of `otelcol.*` carries. */
export const otelConsumer: Type<OtelConsumer> = capsule("otelcol.Consumer");

/** Adds credentials to requests or checks them: what `handler` of `otelcol.auth.*` carries. */
export const authHandler: Type<AuthHandler> = capsule("otelcol.Handler");

/** Where data is kept on disk: what `handler` of `otelcol.storage.*` carries. */
export const storageHandler: Type<StorageHandler> = capsule("otelcol.StorageHandler");

/** Takes samples in batches: what `receiver` of `prometheus.*` carries. */
export const prometheusReceiver: Type<Consumer<SampleBatch>> = capsule("storage.Appendable");
