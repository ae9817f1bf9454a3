import type { ComponentContext } from "../../../../component/context.ts";
import { AwsCredentialChain, type AwsSettings } from "../../../../transport/credentials/aws-credentials.ts";
import { sigv4Credentials } from "../../../../transport/credentials/sigv4.ts";
import { createHttpClient, type HttpClient } from "../../../../transport/http/client.ts";
import type { Environment } from "../../../../transport/http/proxy.ts";
import type { ResolverArgs } from "./resolver-arguments.ts";

const DEFAULT_REGION = "us-east-1";
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Asks AWS Cloud Map for the instances of a service; credentials are found as AWS's own tools find them. */
export function cloudMapEndpoints(
  args: NonNullable<ResolverArgs["aws_cloud_map"]>,
  { clock, log, peers }: Pick<ComponentContext, "clock" | "log" | "peers">,
  environment: Environment = process.env,
): () => Promise<string[]> {
  const plain = { tls: undefined, followRedirects: false, http2: false, idleTimeoutMs: 30_000, clock, log, environment } as const;
  const surroundings = { http: createHttpClient(plain), clock, environment };
  const settings: AwsSettings = { fipsSts: false };
  let asked: { readonly region: string; readonly http: HttpClient } | undefined;
  return async () => {
    if (asked === undefined) {
      const region = await new AwsCredentialChain(settings, surroundings).region().catch(() => DEFAULT_REGION);
      const credentials = sigv4Credentials({ ...settings, region, serviceName: "servicediscovery" }, surroundings);
      asked = { region, http: createHttpClient({ ...plain, credentials, headers: { "user-agent": peers.userAgent } }) };
    }
    const answer = await asked.http.request({
      method: "POST",
      url:
        environment.AWS_ENDPOINT_URL_SERVICEDISCOVERY ??
        environment.AWS_ENDPOINT_URL ??
        `https://data-servicediscovery.${asked.region}.amazonaws.com/`,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Route53AutoNaming_v20170314.DiscoverInstances" },
      body: [
        Buffer.from(
          JSON.stringify({
            NamespaceName: args.namespace,
            ServiceName: args.service_name,
            HealthStatus: args.health_status,
            ...(args.owner_account !== "" && { OwnerAccount: args.owner_account }),
          }),
        ),
      ],
      timeoutMs: args.timeout > 0 ? args.timeout : 5000,
      maxResponseBytes: MAX_ANSWER_BYTES,
    });
    const text = Buffer.concat(answer.body).toString("utf8");
    if (answer.status !== 200) throw new Error(`Cloud Map answered ${answer.status}: ${text.slice(0, 300)}`);
    return instancesOf(text).map(
      (attributes) => `${attributes.AWS_INSTANCE_IPV4 ?? ""}:${args.port ?? attributes.AWS_INSTANCE_PORT ?? ""}`,
    );
  };
}

function instancesOf(text: string): readonly Readonly<Record<string, string>>[] {
  const answer = JSON.parse(text) as { readonly Instances?: readonly { readonly Attributes?: Readonly<Record<string, string>> }[] };
  return (answer.Instances ?? []).map(({ Attributes: attributes = {} }) => attributes);
}
