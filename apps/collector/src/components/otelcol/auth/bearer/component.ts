import { Capsule } from "@invar/alloy-syntax";
import { assumed, type Decoded, defaulted, required, secret, string } from "../../../../component/arguments.ts";
import { authHandler } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { sameText } from "../../../../transport/credentials/same-text.ts";

const schema = {
  arguments: {
    token: required(secret, "The token."),
    header: defaulted(string, "The header that carries it.", "Authorization", {
      check: (name) => (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? undefined : `"${name}" is no name of a header`),
    }),
    scheme: defaulted(string, "What stands before the token; empty: nothing.", "Bearer"),
  },
  blocks: { debug_metrics: assumed(debugMetricsDoc, debugMetrics) },
};

/** One token, for requests that are sent and for those that are received. */
export const component = defineComponent({
  name: "otelcol.auth.bearer",
  stability: "generally-available",
  summary: "Authenticates requests by a bearer token.",
  ...schema,
  exports: { handler: { type: authHandler, doc: "For arguments called `auth`." } },
  metrics: [],
  needs: {},
  create(context, args) {
    let current = args;
    const handler: AuthHandler = {
      id: context.id,
      client: {
        requiresTls: true,
        authenticate: ({ headers }) => void headers.set(current.header.toLowerCase(), valueOfHeader(current)),
      },
      server: {
        authenticate(metadata) {
          const sent = metadata.get(current.header) ?? "";
          if (sent === "") return { granted: false, message: `missing or empty authorization header: ${current.header}` };
          if (sameText(sent, valueOfHeader(current))) return { granted: true, attributes: {} };
          return { granted: false, message: "provided authorization does not match expected scheme or token" };
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

function valueOfHeader({ scheme, token }: Decoded<typeof schema>): string {
  return scheme === "" ? token.reveal() : `${scheme} ${token.reveal()}`;
}
