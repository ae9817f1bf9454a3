import {
  assumed,
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  int,
  many,
  map,
  optional,
  required,
  string,
  uint,
} from "../../../component/arguments.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../../../transport/http-client-arguments.ts";

const queueConfig = assumed(
  "How much is queued for the endpoint, and how it is sent.",
  {
    arguments: {
      capacity: optional(bytes, "The most that is queued for each shard; absent, a gibibyte on disk.", {
        check: (size) => (size > 0 ? undefined : "capacity must be greater than 0"),
      }),
      min_shards: defaulted(int, "How many requests are under way at the same time; the order within a stream stays.", 1),
      drain_timeout: defaulted(duration, "How long sending goes on when the component stops; what is left then stays on disk.", "15s"),
      block_on_overflow: defaulted(
        bool,
        "What happens when the queue is full: true refuses what comes, so that sources wait; false drops the oldest.",
        true,
      ),
    },
  },
  { stability: "experimental" },
);

const endpointSchema = {
  arguments: {
    url: required(string, "Where requests go.", {
      check: (url) => (URL.canParse(url) ? undefined : `failed to parse remote url "${url}"`),
    }),
    name: optional(string, "A name for the endpoint; its queue belongs to the name and goes along when the URL changes."),
    batch_size: defaulted(bytes, "A request is sent when it has grown so large, before compression.", "1MiB"),
    batch_wait: defaulted(duration, "A request is sent when its first line has waited so long.", "1s"),
    remote_timeout: defaulted(duration, "How long an answer may take.", "10s"),
    headers: optional(map(string), "Headers sent with each request."),
    min_backoff_period: defaulted(duration, "The wait before the first retry.", "500ms"),
    max_backoff_period: defaulted(duration, "The longest wait between retries.", "5m"),
    max_backoff_retries: defaulted(
      uint,
      "After so many retries a request is dropped; 0: it is retried for as long as the queue may keep it.",
      0,
    ),
    tenant_id: defaulted(string, "The tenant of lines that name none by the label `__tenant_id__`.", ""),
    retry_on_http_429: defaulted(bool, "Whether a request that is refused with status 429 is retried; false drops it.", true),
    ...httpClientArguments,
  },
  blocks: { ...httpClientBlocks, queue_config: queueConfig },
};

export const endpointBlock = many("A destination.", endpointSchema, { check: checkHttpClient });

export type EndpointArgs = Decoded<typeof endpointSchema>;

/** Who an endpoint is: its queue on disk belongs to it, and no two are the same. */
export function identityOf({ name, url, tenant_id }: EndpointArgs): string {
  if (name !== undefined && name !== "") return name;
  return tenant_id === "" ? url : `${url} ${tenant_id}`;
}
