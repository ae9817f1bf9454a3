import { Capsule } from "@invar/alloy-syntax";
import { assumed, type Decoded, defaulted, many, optional, optionalSecret, required, string } from "../../../../component/arguments.ts";
import { authHandler } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import type { AuthHandler, OutgoingRequest } from "../../../../transport/authentication.ts";

const actions = ["insert", "update", "upsert", "delete"];

const headerSchema = {
  arguments: {
    key: required(string, "The name of the header.", {
      check: (name) => {
        if (name === "") return "key must be set to a non-empty string";
        return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? undefined : `"${name}" is no name of a header`;
      },
    }),
    action: defaulted(string, "`insert` where it is absent, `update` where it is there, `upsert` in any case, or `delete`.", "upsert", {
      check: (action) => (actions.includes(action.toLowerCase()) ? undefined : `unknown action ${action}: one of ${actions.join(", ")}`),
    }),
    from_attribute: optional(string, "The attribute of the sender's authentication that gives the value."),
    from_context: optional(string, "The header of the request that brought the data that gives the value."),
    value: optional(optionalSecret, "The value itself."),
  },
};

const schema = {
  blocks: {
    header: many("A header of the requests.", headerSchema, {
      check(args, report) {
        const sources = [args.value, args.from_context, args.from_attribute].filter((source) => source !== undefined).length;
        if (sources === 0) report("one of value, from_context, or from_attribute must be provided");
        if (sources > 1) report("only one of value, from_context, or from_attribute may be provided");
      },
    }),
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
};

type Header = Decoded<typeof headerSchema>;

/** Headers of requests that are sent, also from those that brought the data. */
export const component = defineComponent({
  name: "otelcol.auth.headers",
  stability: "generally-available",
  summary: "Sets headers of requests, to values of its own or of the requests that brought the data.",
  ...schema,
  exports: { handler: { type: authHandler, doc: "For arguments called `auth`." } },
  metrics: [],
  needs: {},
  check(args, report) {
    if (args.header.length === 0) report("missing required block: write at least one header");
  },
  create(context, args) {
    let current = args;
    const handler: AuthHandler = {
      id: context.id,
      client: {
        requiresTls: false,
        senderKeys() {
          const metadata = current.header.flatMap(({ from_context }) => (from_context === undefined ? [] : [from_context]));
          const attributes = current.header.flatMap(({ from_attribute }) => (from_attribute === undefined ? [] : [from_attribute]));
          return metadata.length + attributes.length === 0 ? undefined : { metadata, attributes };
        },
        authenticate(request) {
          for (const header of current.header) apply(header, request);
        },
      },
    };
    context.export({ handler: new Capsule("otelcol.Handler", handler) });
    return {
      start() {},
      update(next) {
        current = next;
      },
      stop() {},
    };
  },
});

function apply(header: Header, request: OutgoingRequest): void {
  const name = header.key.toLowerCase();
  const action = header.action.toLowerCase();
  if (action === "delete") {
    request.headers.delete(name);
    return;
  }
  const exists = (request.headers.get(name) ?? "") !== "";
  if ((action === "insert" && exists) || (action === "update" && !exists)) return;
  request.headers.set(name, valueFor(header, request));
}

/** Empty where the sender gave none. Throws where it gave several, since any choice would be wrong for somebody. */
function valueFor(header: Header, { client }: OutgoingRequest): string {
  if (header.from_context !== undefined) {
    const values = client?.metadata.all(header.from_context) ?? [];
    if (values.length > 1) throw new Error(`${values.length} source keys found in the context, can't determine which one to use`);
    return values[0] ?? "";
  }
  if (header.from_attribute !== undefined) return client?.attributes?.[header.from_attribute] ?? "";
  return header.value?.reveal() ?? "";
}
