import { lookup } from "node:dns/promises";
import type { ComponentContext } from "../../../../component/context.ts";
import { cloudMapEndpoints } from "./cloud-map.ts";
import { kubernetesResolver } from "./kubernetes-resolver.ts";
import type { BalancerMetrics, ResolverName } from "./metrics.ts";
import type { ResolverArgs } from "./resolver-arguments.ts";

/** Finds the endpoints, again and again where they may change. */
export interface Resolver {
  /** Resolves after the first attempt, whether it found any or not. */
  start(): Promise<void>;
  stop(): void;
}

interface Source {
  readonly name: ResolverName;
  /** 0: once is enough. */
  readonly intervalMs: number;
  find(): Promise<string[]>;
}

/** `changed` is told of endpoints in order of their names, whenever they are others than before; while that runs nothing is looked up. */
export function createResolver(
  args: ResolverArgs,
  context: ComponentContext,
  metrics: BalancerMetrics,
  changed: (endpoints: readonly string[]) => Promise<void>,
): Resolver {
  if (args.kubernetes !== undefined) return kubernetesResolver(args.kubernetes, context, metrics, changed);
  const { clock, log } = context;
  const source = sourceOf(args, context);
  let known: readonly string[] | undefined;
  let isStopped = false;
  let cancel = () => {};
  const resolve = async (): Promise<void> => {
    try {
      const found = (await source.find()).sort();
      metrics.resolved(source.name, true);
      if (!isStopped && (known?.length !== found.length || found.some((each, i) => each !== known?.[i]))) {
        known = found;
        metrics.backends(source.name, found.length);
        await changed(found);
      }
    } catch (error) {
      metrics.resolved(source.name, false);
      log.warn("failed to resolve", { resolver: source.name, err: error instanceof Error ? error.message : String(error) });
    }
    if (!isStopped && source.intervalMs > 0) cancel = clock.after(source.intervalMs, () => void resolve());
  };
  return {
    start: resolve,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

function sourceOf({ static: fixed, dns, aws_cloud_map: cloudMap }: ResolverArgs, context: ComponentContext): Source {
  if (fixed !== undefined) return { name: "static", intervalMs: 0, find: async () => [...fixed.hostnames] };
  if (dns !== undefined) {
    const timeoutMs = dns.timeout > 0 ? dns.timeout : 1000;
    return {
      name: "dns",
      intervalMs: dns.interval > 0 ? dns.interval : 5000,
      async find() {
        const addresses = await within(context, timeoutMs, lookup(dns.hostname, { all: true }));
        return addresses.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}${dns.port === "" ? "" : `:${dns.port}`}`);
      },
    };
  }
  if (cloudMap !== undefined)
    return {
      name: "aws",
      intervalMs: cloudMap.interval > 0 ? cloudMap.interval : 30_000,
      find: cloudMapEndpoints(cloudMap, context),
    };
  throw new Error("a resolver was expected, none came");
}

async function within<T>({ clock }: ComponentContext, ms: number, promise: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
