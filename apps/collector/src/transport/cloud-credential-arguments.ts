import { bool, type Decoded, defaulted, maybe, oneOf, optional, type Report, required, secret, string } from "../component/arguments.ts";
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { ClientAuthenticator } from "./authentication.ts";
import { type AzureIdentity, azureCredentials } from "./credentials/azure.ts";
import { googleCredentials, monitoringWriteScope } from "./credentials/google.ts";
import { sigv4Credentials } from "./credentials/sigv4.ts";
import { createHttpClient, type HttpClient } from "./http/client.ts";
import type { Environment } from "./http/proxy.ts";

const sigv4Schema = {
  arguments: {
    access_key: optional(string, "The access key; AWS_ACCESS_KEY_ID unless written."),
    external_id: optional(string, "What the owner of the role asks for when it is taken on."),
    profile: optional(string, "The profile of AWS's configuration files to use."),
    region: optional(string, "The region that requests are signed for."),
    role_arn: optional(string, "The role to take on."),
    secret_key: optional(secret, "The secret key; AWS_SECRET_ACCESS_KEY unless written."),
    service_name: defaulted(string, "The service that requests are signed for.", "aps"),
    use_fips_sts_endpoint: defaulted(bool, "Ask the FIPS endpoint of STS for roles.", false),
  },
};

/** `sigv4`: requests are signed for AWS. */
export const sigv4Block = maybe("Signs requests for AWS.", sigv4Schema, {
  check(args, report) {
    if (!args.access_key !== !args.secret_key?.reveal())
      report("must provide an AWS SigV4 access key and secret key if credentials are specified in the SigV4 config");
    if (args.external_id && !args.role_arn) report("external_id can only be used with role_arn", "external_id");
  },
});

const azureSchema = {
  arguments: {
    cloud: defaulted(oneOf("AzurePublic", "AzureChina", "AzureGovernment"), "The Azure cloud.", "AzurePublic"),
    scope: defaulted(string, "What tokens are asked for; empty: Azure Monitor's ingestion.", "", {
      check: (text) => (/^[\w\s:/.-]*$/.test(text) ? undefined : "the provided scope contains invalid characters"),
    }),
  },
  blocks: {
    managed_identity: maybe("The identity that Azure gave to this machine.", {
      arguments: { client_id: required(string, "The identity's client id.", { check: uuid("Managed Identity client_id") }) },
    }),
    oauth: maybe("An application's secret.", {
      arguments: {
        client_id: required(string, "The application's client id.", { check: uuid("OAuth client_id") }),
        client_secret: required(secret, "The application's secret.", {
          check: (value) => (value.reveal() === "" ? "must provide an Azure OAuth client_secret in the Azure AD config" : undefined),
        }),
        tenant_id: required(string, "The application's tenant.", { check: tenant("OAuth") }),
      },
    }),
    sdk: maybe("What the environment variables of Azure's SDK offer.", {
      arguments: { tenant_id: required(string, "The tenant.", { check: (text) => (text === "" ? undefined : tenant("SDK")(text)) }) },
    }),
    workload_identity: maybe("The service account of this pod, federated with Microsoft Entra.", {
      arguments: {
        client_id: required(string, "The application's client id.", { check: uuid("Workload Identity client_id") }),
        tenant_id: required(string, "The application's tenant.", { check: uuid("Workload Identity tenant_id") }),
        token_file_path: defaulted(
          string,
          "The file with the service account's token.",
          "/var/run/secrets/azure/tokens/azure-identity-token",
        ),
      },
    }),
  },
};

/** `azuread`: requests carry a Microsoft Entra token. */
export const azureadBlock = maybe("Microsoft Entra tokens.", azureSchema, {
  check(args, report) {
    const ways = [args.managed_identity, args.workload_identity, args.oauth, args.sdk].filter((way) => way !== undefined);
    if (ways.length === 0)
      report("must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK in the Azure AD config");
    if (ways.length > 1) report("cannot provide multiple authentication methods in the Azure AD config");
  },
});

const googleSchema = {
  arguments: { credentials_file: optional(string, "The file with a service account's key; unset: what the environment offers.") },
};

/** `google_iam`: requests carry a Google Cloud token. */
export const googleIamBlock = maybe("Google Cloud tokens.", googleSchema);

export const cloudCredentialBlocks = { sigv4: sigv4Block, azuread: azureadBlock, google_iam: googleIamBlock };

export type CloudCredentialArgs = Decoded<{ blocks: typeof cloudCredentialBlocks }>;

/** Reports credentials beside others; `others` are those of `httpAuthenticationsOf`. */
export function checkCloudCredentials(args: CloudCredentialArgs, others: readonly string[], report: Report): void {
  const ways = [args.sigv4, args.azuread, args.google_iam].filter((way) => way !== undefined).length + (others.length > 0 ? 1 : 0);
  if (ways > 1)
    report("at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
}

export interface CloudSurroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly environment?: Environment;
}

/** The credentials that one of the blocks gives; undefined where none is written. */
export function cloudCredentials(args: CloudCredentialArgs, surroundings: CloudSurroundings): ClientAuthenticator | undefined {
  const { clock, environment = process.env } = surroundings;
  if (args.sigv4 !== undefined) {
    const { region, access_key, secret_key, profile, role_arn, external_id, use_fips_sts_endpoint, service_name } = args.sigv4;
    return sigv4Credentials(
      {
        ...(region && { region }),
        ...(access_key && { accessKey: access_key, secretKey: secret_key?.reveal() ?? "" }),
        ...(profile && { profile }),
        ...(role_arn && { roleArn: role_arn }),
        ...(external_id && { externalId: external_id }),
        fipsSts: use_fips_sts_endpoint,
        serviceName: service_name || "aps",
      },
      { http: metadataClient(surroundings), clock, environment },
    );
  }
  if (args.azuread !== undefined) {
    const { cloud, scope } = args.azuread;
    const settings = { cloud, ...(scope !== "" && { scope }), identity: azureIdentity(args.azuread) };
    return azureCredentials(settings, { http: metadataClient(surroundings), clock, environment });
  }
  if (args.google_iam === undefined) return undefined;
  const { credentials_file: credentialsFile } = args.google_iam;
  const settings = { ...(credentialsFile && { credentialsFile }), scopes: [monitoringWriteScope] };
  return googleCredentials(settings, { http: metadataClient(surroundings), clock, environment });
}

function azureIdentity(args: NonNullable<CloudCredentialArgs["azuread"]>): AzureIdentity {
  const { managed_identity: managed, workload_identity: workload, oauth, sdk } = args;
  if (managed !== undefined) return { kind: "managed_identity", clientId: managed.client_id };
  if (workload !== undefined)
    return { kind: "workload_identity", clientId: workload.client_id, tenantId: workload.tenant_id, tokenFile: workload.token_file_path };
  if (oauth !== undefined)
    return { kind: "oauth", clientId: oauth.client_id, clientSecret: oauth.client_secret.reveal(), tenantId: oauth.tenant_id };
  return { kind: "sdk", tenantId: sdk?.tenant_id || undefined };
}

/** For token servers: proxies as the environment says, but for the metadata servers of this machine. */
function metadataClient({ clock, log, environment = process.env }: CloudSurroundings): HttpClient {
  const noProxy = `${environment.no_proxy || environment.NO_PROXY || ""},169.254.0.0/16,metadata.google.internal`;
  return createHttpClient({
    tls: undefined,
    proxy: { fromEnvironment: true },
    followRedirects: true,
    http2: false,
    idleTimeoutMs: 10_000,
    clock,
    log,
    environment: { ...environment, no_proxy: noProxy },
  });
}

function uuid(what: string): (text: string) => string | undefined {
  return (text) => {
    if (text === "") return `must provide an Azure ${what} in the Azure AD config`;
    return uuidText.test(text) ? undefined : `the provided Azure ${what} is invalid`;
  };
}

/** Plain, as a URN, in braces, or without dashes. */
const uuidText =
  /^(urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}$|^[0-9a-f]{32}$/i;

function tenant(what: string): (text: string) => string | undefined {
  return (text) => {
    if (text === "") return `must provide an Azure ${what} tenant_id in the Azure AD config`;
    return /^[0-9a-zA-Z.-]+$/.test(text) ? undefined : `the provided Azure ${what} tenant_id is invalid`;
  };
}
