import { type Decoded, optional, type Report, string } from "../component/arguments.ts";
import {
  checkHttpClient,
  type HttpClientArgs,
  httpAuthenticationsOf,
  httpClientArguments,
  httpClientBlocks,
} from "../transport/http-client-arguments.ts";

/** How the API server is reached: by its URL, by a kubeconfig, or as pods do. */
export const apiServerArguments = {
  api_server: optional(string, "The API server's URL.", { check: (text) => (URL.canParse(text) ? undefined : `"${text}" is not a URL`) }),
  kubeconfig_file: optional(string, "The kubeconfig that says how the API server is reached."),
  ...httpClientArguments,
};

export const apiServerBlocks = httpClientBlocks;

const apiServerSchema = { arguments: apiServerArguments, blocks: apiServerBlocks };

export type ApiServerArgs = Decoded<typeof apiServerSchema>;

/** The `client` block of components that name it so, for `assumed(doc, apiServerBlock)`. */
export const apiServerBlock = apiServerSchema;

/** What must hold between the arguments; call it from the check of who includes them. */
export function checkApiServer(args: ApiServerArgs, report: Report): void {
  if (args.api_server && args.kubeconfig_file) report("only one of api_server and kubeconfig_file can be set", "kubeconfig_file");
  else if (!isPlain(args) && args.kubeconfig_file) report("custom HTTP client configuration is not allowed when kubeconfig_file is set");
  else if (!isPlain(args) && !args.api_server) report("api_server must be set when custom HTTP client configuration is provided");
  checkHttpClient(args, report);
}

/** Whether nothing is said of the HTTP client itself. */
function isPlain(args: HttpClientArgs): boolean {
  return (
    httpAuthenticationsOf(args).length === 0 &&
    args.enable_http2 &&
    args.follow_redirects &&
    !args.proxy_url &&
    !args.no_proxy &&
    !args.proxy_from_environment &&
    Object.keys(args.http_headers ?? {}).length === 0 &&
    Object.keys(args.proxy_connect_header ?? {}).length === 0 &&
    Object.values(args.tls_config).every((value) => value === undefined || value === false)
  );
}
