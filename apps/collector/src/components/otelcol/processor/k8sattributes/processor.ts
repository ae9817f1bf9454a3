import { compileRegexp } from "@invar/go-compat";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { type ApiServerArgs, apiServerBlock } from "../../../../kubernetes/client-arguments.ts";
import type { Pod } from "../../../../kubernetes/kinds/pod.ts";
import { type ApiShare, shareApiServer } from "../../../../kubernetes/shared-watches.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { Output } from "../../../../signals/otlp/output.ts";
import { passOn } from "../../../../signals/otlp/pass-on.ts";
import { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { ResourceRewriter } from "../../../../signals/otlp/resource-rewriter.ts";
import type { schema } from "./arguments.ts";
import { selectorsOf } from "./arguments.ts";
import { ClusterMetadata } from "./cluster-metadata.ts";
import { Enricher } from "./enrich.ts";
import { watchMetrics } from "./metrics.ts";
import { rulesOf } from "./rules.ts";

export type K8sAttributesArgs = Decoded<typeof schema>;

/** What one set of arguments runs. */
interface Running {
  readonly api: ApiShare | undefined;
  readonly metadata: ClusterMetadata | undefined;
  readonly enricher: Enricher;
}

export class K8sAttributes implements Component<K8sAttributesArgs>, OtelConsumer {
  readonly #context: ComponentContext;
  readonly #output: Output;
  readonly #flow: ProcessorMetrics;
  readonly #metrics: ReturnType<typeof watchMetrics>;
  readonly #rewriter = new ResourceRewriter();
  readonly #apiArguments: (args: K8sAttributesArgs) => ApiServerArgs;
  #args: K8sAttributesArgs;
  #running: Running | undefined;
  #synced: (() => void) | undefined;

  constructor(context: ComponentContext, args: K8sAttributesArgs, apiArguments = apiServerOf) {
    this.#context = context;
    this.#args = args;
    this.#apiArguments = apiArguments;
    this.#output = new Output(args.output, context.debugStream);
    this.#flow = new ProcessorMetrics(context.metrics, "k8sattributes", context.id);
    this.#metrics = watchMetrics(context.metrics);
  }

  async start(): Promise<void> {
    this.#running = this.#open(this.#args);
    await this.#ready(this.#args);
  }

  async update(args: K8sAttributesArgs): Promise<void> {
    const previous = this.#running;
    // The new watches share what the old ones know, so these end after those have begun.
    this.#running = this.#open(args);
    this.#args = args;
    this.#output.update(args.output);
    await close(previous);
    await this.#ready(args);
  }

  async stop(): Promise<void> {
    await close(this.#running);
    this.#running = undefined;
  }

  async consume(batch: OtlpBatch): Promise<void> {
    await passOn(batch, (each) => this.#enriched(each), { output: this.#output, flow: this.#flow, reason: "" });
  }

  pressure(signal?: Signal) {
    return this.#output.pressure(signal);
  }

  debugInfo(): unknown {
    const metadata = this.#running?.metadata;
    return { synced: metadata?.isSynced ?? true, identities: metadata?.table.size ?? 0 };
  }

  #enriched(batch: OtlpBatch): OtlpBatch {
    const enricher = this.#running?.enricher;
    if (enricher === undefined) return batch;
    this.#metrics.signal = batch.signal;
    const peer = plainAddress(batch.client?.address ?? "");
    const chunks = batch.chunks.map((chunk) => this.#rewriter.rewrite(chunk, (attributes) => enricher.enrich(attributes, peer), ""));
    if (chunks.every((chunk, i) => chunk === batch.chunks[i])) return batch;
    const { signal, items, client, receipt } = batch;
    const from = chunks.some((chunk, i) => chunk === batch.chunks[i]) ? [batch] : [];
    return new OtlpBatch({ signal, chunks, items, client, receipt, from });
  }

  #open(args: K8sAttributesArgs): Running {
    const rules = rulesOf(args.extract);
    const associations = args.pod_association.map(({ source }) =>
      source.map(({ from, name }) => ({ from, name: from === "connection" ? "" : name })),
    );
    const { associated } = this.#metrics;
    if (args.passthrough)
      return { api: undefined, metadata: undefined, enricher: new Enricher({ rules, associations, metadata: undefined, associated }) };
    const api = shareApiServer(this.#apiArguments(args), this.#context);
    const metadata: ClusterMetadata = new ClusterMetadata(
      api,
      {
        rules,
        associations,
        isExcluded: exclusion(args),
        namespace: args.filter.namespace,
        graceMs: args.pod_delete_grace_period,
        ...selectorsOf(args.filter),
      },
      this.#context,
      {
        count: (kind, event) => {
          this.#metrics.count(kind, event);
          this.#metrics.tableSize(metadata?.table.size ?? 0);
        },
        trouble: (error) => this.#trouble(error),
        synced: () => this.#synced?.(),
      },
    );
    return { api, metadata, enricher: new Enricher({ rules, associations, metadata, associated }) };
  }

  async #ready(args: K8sAttributesArgs): Promise<void> {
    const metadata = this.#running?.metadata;
    if (!args.wait_for_metadata || metadata === undefined || metadata.isSynced) return;
    const { clock } = this.#context;
    const isInTime = await new Promise<boolean>((resolve) => {
      const cancel = clock.after(args.wait_for_metadata_timeout, () => resolve(false));
      this.#synced = () => {
        cancel();
        resolve(true);
      };
    });
    this.#synced = undefined;
    if (!isInTime) throw new Error(`metadata was not there within wait_for_metadata_timeout (${args.wait_for_metadata_timeout} ms)`);
  }

  #trouble(error: Error | undefined): void {
    if (error === undefined) this.#context.health("healthy", "metadata is up to date");
    else this.#context.health("unhealthy", `what was known before is said still: ${error.message}`);
  }
}

async function close(running: Running | undefined): Promise<void> {
  await running?.metadata?.close();
  await running?.api?.release();
}

const ignoredBy = "opentelemetry.io/k8s-processor/ignore";

function exclusion(args: K8sAttributesArgs): (pod: Pod) => boolean {
  const names = args.exclude.pod.length === 0 ? [{ name: "jaeger-agent" }, { name: "jaeger-collector" }] : args.exclude.pod;
  const patterns = names.map(({ name }) => compileRegexp(name));
  return ({ name, annotations }) =>
    annotations[ignoredBy]?.trim().toLowerCase() === "true" || patterns.some((pattern) => pattern.test(name));
}

/** As pods do, or by the kubeconfig that `kubectl` takes. */
function apiServerOf(args: K8sAttributesArgs): ApiServerArgs {
  if (args.auth_type === "serviceAccount") return decodeText(apiServerBlock, "");
  const { KUBECONFIG, HOME = "", KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT = "443" } = process.env;
  if (args.auth_type === "kubeConfig")
    return decodeText(apiServerBlock, `kubeconfig_file = ${JSON.stringify(KUBECONFIG?.split(":")[0] || `${HOME}/.kube/config`)}`);
  if (!KUBERNETES_SERVICE_HOST) throw new Error("KUBERNETES_SERVICE_HOST is not set: outside of a pod, set auth_type to kubeConfig");
  const url = `https://${KUBERNETES_SERVICE_HOST}:${KUBERNETES_SERVICE_PORT}`;
  return decodeText(apiServerBlock, `api_server = ${JSON.stringify(url)}\ntls_config {\n\tinsecure_skip_verify = true\n}`);
}

/** Sockets that take both families show IPv4 addresses inside of IPv6 ones. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
