import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  int,
  many,
  map,
  oneOf,
  optional,
  type Report,
  required,
  string,
} from "../../../component/arguments.ts";
import { ruleBlock } from "../../../relabel/rule.ts";
import { checkCloudCredentials, cloudCredentialBlocks } from "../../../transport/cloud-credential-arguments.ts";
import { checkHttpClient, httpAuthenticationsOf, httpClientArguments, httpClientBlocks } from "../../../transport/http-client-arguments.ts";

export const VERSION_1 = "prometheus.WriteRequest";
export const VERSION_2 = "io.prometheus.write.v2.Request";

const endpointSchema = {
  arguments: {
    url: required(string, "Where samples are sent.", { check: urlFinding }),
    name: optional(string, "The endpoint's name in metrics; endpoints without one are known by their URL."),
    remote_timeout: defaulted(duration, "How long a request may take.", "30s"),
    headers: defaulted(map(string), "Headers sent with each request.", {}),
    send_exemplars: defaulted(bool, "Sends exemplars.", true),
    send_native_histograms: defaulted(bool, "Sends native histograms; without it they are dropped and counted.", false),
    protobuf_message: defaulted(oneOf(VERSION_1, VERSION_2), "The version of remote write.", VERSION_1),
    round_robin_dns: defaulted(bool, "Uses the addresses of the host's name in turn.", false),
    ...httpClientArguments,
    enable_http2: defaulted(bool, "Speak HTTP/2 where the server offers it.", false),
  },
  blocks: {
    ...httpClientBlocks,
    ...cloudCredentialBlocks,
    queue_config: assumed("How samples are queued and become requests.", {
      arguments: {
        capacity: defaulted(int, "Samples that each shard holds where there is no disk for the queue.", 10000),
        max_shards: defaulted(int, "The largest number of requests at a time.", 50),
        min_shards: defaulted(int, "The smallest number of requests at a time.", 1),
        max_samples_per_send: defaulted(int, "Samples of a request.", 2000),
        batch_send_deadline: defaulted(duration, "How long samples wait for a request to fill.", "5s"),
        min_backoff: defaulted(duration, "The wait before the first repetition; it doubles from there.", "30ms"),
        max_backoff: defaulted(duration, "The longest wait before a repetition.", "5s"),
        retry_on_http_429: defaulted(bool, "Repeats requests that were answered with 429.", true),
        sample_age_limit: defaulted(duration, "Samples older than this are dropped; 0s: none are.", "0s"),
      },
    }),
    metadata_config: assumed("How type, help and unit of metrics are sent.", {
      arguments: {
        send: defaulted(bool, "Sends them, where scrapes bring them (`honor_metadata`).", true),
        send_interval: defaulted(duration, "How often they are sent.", "1m"),
        max_samples_per_send: defaulted(int, "Families of a request.", 2000),
      },
    }),
    write_relabel_config: ruleBlock("A relabelling rule for this endpoint; rules apply from top to bottom."),
  },
} as const;

export type EndpointArgs = Decoded<typeof endpointSchema>;

const withoutEffect = "what was sent leaves the disk at once";

export const remoteWriteSchema = {
  arguments: {
    external_labels: defaulted(map(string), "Labels added to series that do not have them.", {}),
  },
  blocks: {
    endpoint: many("A destination.", endpointSchema, { check: checkEndpoint }),
    wal: assumed(
      "How long samples are kept on disk for destinations that do not take them.",
      {
        arguments: {
          truncate_frequency: defaulted(duration, "How often the incumbent cleans up.", "2h", { withoutEffect }),
          min_keepalive_time: defaulted(duration, "How long the incumbent keeps what was sent.", "5m", { withoutEffect }),
          max_keepalive_time: defaulted(duration, "How long samples are kept that could not be sent.", "8h"),
        },
      },
      {
        check: (wal, report) => {
          if (wal.truncate_frequency === 0) report("truncate_frequency must not be 0", "truncate_frequency");
          else if (wal.max_keepalive_time <= wal.min_keepalive_time)
            report("min_keepalive_time must be smaller than max_keepalive_time", "min_keepalive_time");
        },
      },
    ),
  },
} as const;

export type RemoteWriteArgs = Decoded<typeof remoteWriteSchema>;

export function checkRemoteWrite(args: RemoteWriteArgs, report: Report): void {
  const names = new Set<string>();
  for (const { name } of args.endpoint) {
    if (name === undefined || name === "") continue;
    if (names.has(name)) report(`found multiple remote write configs with job name ${JSON.stringify(name)}`, "endpoint");
    names.add(name);
  }
}

/** What each endpoint's queue is known by, also after a restart: its name, or its URL. */
export function identitiesOf(endpoints: readonly EndpointArgs[]): string[] {
  const counts = new Map<string, number>();
  return endpoints.map(({ name, url }) => {
    const identity = name === undefined || name === "" ? url : name;
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    return count === 1 ? identity : `${identity}#${count}`;
  });
}

function checkEndpoint(args: EndpointArgs, report: Report): void {
  checkHttpClient(args, report);
  checkCloudCredentials(args, httpAuthenticationsOf(args), report);
  const { min_shards, max_shards, max_samples_per_send, capacity } = args.queue_config;
  if (min_shards < 1 || max_shards < min_shards)
    report(`queue_config: min_shards must be at least 1 and at most max_shards, got ${min_shards} and ${max_shards}`, "queue_config");
  if (max_samples_per_send < 1) report("queue_config: max_samples_per_send must be at least 1", "queue_config");
  if (capacity < 1) report("queue_config: capacity must be at least 1", "queue_config");
}

function urlFinding(url: string): string | undefined {
  if (!URL.canParse(url)) return `cannot parse remote_write url ${JSON.stringify(url)}`;
  return /^https?:$/.test(new URL(url).protocol)
    ? undefined
    : `remote_write url ${JSON.stringify(url)} must begin with http:// or https://`;
}
