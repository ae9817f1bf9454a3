import { type Decoded, defaulted, duration, labels, optional, type Report, type Schema, string } from "../../component/arguments.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../../transport/http-client-arguments.ts";

const leastPollMs = 10_000;

const schema = {
  arguments: {
    url: defaulted(string, "The API that gives the configuration; empty: the block has no effect.", "", {
      check: (url) => (url === "" || URL.canParse(url) ? undefined : `${JSON.stringify(url)} is not a URL`),
    }),
    id: optional(string, "What this collector calls itself; by default an identifier that is made once and kept in the storage path."),
    name: defaulted(string, "A name for people.", ""),
    attributes: defaulted(labels, "What this collector tells of itself.", {}),
    poll_frequency: defaulted(duration, "How often the configuration is asked for.", "1m"),
    ...httpClientArguments,
  },
  blocks: httpClientBlocks,
} as const satisfies Schema;

export type RemoteConfigArguments = Decoded<typeof schema>;

/** The `remotecfg` block; `apply` is the service's. */
export function remoteConfigBlock(service: { apply(args: RemoteConfigArguments | undefined): void | Promise<void> }) {
  return {
    name: "remotecfg",
    stability: "generally-available" as const,
    schema: {
      ...schema,
      check(args: RemoteConfigArguments, report: Report) {
        if (args.poll_frequency < leastPollMs) report('poll_frequency must be at least "10s"', "poll_frequency");
        if (Object.keys(args.attributes).some((key) => key.startsWith("collector.")))
          report('"collector" is a reserved namespace for remotecfg attribute keys', "attributes");
        checkHttpClient(args, report);
      },
    },
    defaults: { url: "" },
    apply(args: Readonly<Record<string, unknown>>) {
      return service.apply(args.url === "" ? undefined : (args as RemoteConfigArguments));
    },
  };
}
