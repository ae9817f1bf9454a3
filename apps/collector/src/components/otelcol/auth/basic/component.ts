import { Capsule } from "@invar/alloy-syntax";
import { assumed, type Decoded, defaulted, maybe, optional, secret, string } from "../../../../component/arguments.ts";
import { authHandler } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import type { AuthHandler, ClientAuthenticator, ServerAuthenticator } from "../../../../transport/authentication.ts";
import { basicCredentials } from "../../../../transport/credentials/authorization.ts";
import { secretSource } from "../../../../transport/credentials/secret-source.ts";
import { Htpasswd } from "./htpasswd.ts";

const schema = {
  arguments: {
    password: optional(secret, "The password; write it in `client_auth` or `htpasswd` instead."),
    username: optional(string, "The user's name; write it in `client_auth` or `htpasswd` instead."),
  },
  blocks: {
    client_auth: maybe("The user as whom requests are sent.", {
      arguments: {
        password: optional(secret, "The password."),
        password_file: defaulted(string, "The file with the password; it wins.", ""),
        username: defaulted(string, "The user's name.", ""),
        username_file: defaulted(string, "The file with the user's name; it wins.", ""),
      },
    }),
    htpasswd: maybe("The users whose requests are let in.", {
      arguments: {
        file: defaulted(string, "The `htpasswd` file.", ""),
        inline: defaulted(string, "The content of an `htpasswd` file, which wins over the file.", ""),
      },
    }),
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
};

type Args = Decoded<typeof schema>;

/** Users and passwords, for requests that are sent and for those that are received. */
export const component = defineComponent({
  name: "otelcol.auth.basic",
  stability: "generally-available",
  summary: "Authenticates requests by a user's name and password.",
  ...schema,
  exports: { handler: { type: authHandler, doc: "For arguments called `auth`." } },
  metrics: [],
  needs: {},
  check(args, report) {
    if (!args.username && !args.password?.reveal() && args.htpasswd === undefined && args.client_auth === undefined)
      report("no credential source provided: write client_auth for requests that are sent, htpasswd for those that are received");
    if (args.username && !args.password?.reveal()) report("no password provided", "username");
    const { client_auth: client } = args;
    if (client === undefined) return;
    if (client.username === "" && client.username_file === "") report("client_auth needs username or username_file", "client_auth");
    if (!client.password?.reveal() && client.password_file === "") report("client_auth needs password or password_file", "client_auth");
    if (client.username.includes(":")) report("invalid authorization format: the username must not contain a colon", "client_auth");
  },
  create(context, args) {
    let behind = authenticators(context, args);
    let offered = offer(context, behind, () => behind);
    context.export({ handler: new Capsule("otelcol.Handler", offered) });
    return {
      start() {},
      update(next) {
        behind = authenticators(context, next);
        const isSameKind =
          (behind.client === undefined) === (offered.client === undefined) &&
          (behind.server === undefined) === (offered.server === undefined);
        if (isSameKind) return;
        // What it can be used for has changed: who uses it must look again.
        offered = offer(context, behind, () => behind);
        context.export({ handler: new Capsule("otelcol.Handler", offered) });
      },
      stop() {},
    };
  },
});

interface Authenticators {
  readonly client: ClientAuthenticator | undefined;
  readonly server: ServerAuthenticator | undefined;
}

function authenticators(context: ComponentContext, args: Args): Authenticators {
  const { client_auth: own, htpasswd } = args;
  const [username, password] =
    own === undefined ? [args.username ?? "", args.password?.reveal() ?? ""] : [own.username, own.password?.reveal() ?? ""];
  const user = secretSource(own?.username_file, username);
  const secretOfUser = secretSource(own?.password_file, password);
  const simple = args.username && args.password?.reveal() ? `\n${args.username}:${args.password.reveal()}` : "";
  const file = htpasswd?.file ?? "";
  const inline = `${htpasswd?.inline ?? ""}${simple}`;
  return {
    client: user === undefined || secretOfUser === undefined ? undefined : basicCredentials(user, secretOfUser, "gives way"),
    server: file === "" && inline === "" ? undefined : new Htpasswd({ file, inline }, context.clock, context.log),
  };
}

/** A handler that always asks what is behind it now. */
function offer(context: ComponentContext, kind: Authenticators, behind: () => Authenticators): AuthHandler {
  return {
    id: context.id,
    ...(kind.client !== undefined && { client: { requiresTls: true, authenticate: (request) => behind().client?.authenticate(request) } }),
    ...(kind.server !== undefined && {
      server: {
        authenticate: (metadata) => behind().server?.authenticate(metadata) ?? { granted: false, message: "no credential source provided" },
      },
    }),
  };
}
