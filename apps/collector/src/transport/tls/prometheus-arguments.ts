import { assumed, bool, type Decoded, defaulted, optional, secret, string } from "../../component/arguments.ts";
import { prometheusVersions } from "./go-names.ts";
import { checkPairs, isSet, promptReloadMs, sources } from "./pairs.ts";
import type { TlsClientSettings } from "./settings.ts";

const prometheusTls = {
  arguments: {
    ca_pem: optional(string, "The authorities that vouch for the server, in PEM."),
    ca_file: optional(string, "The file with the authorities that vouch for the server."),
    cert_pem: optional(string, "Our certificate, in PEM."),
    cert_file: optional(string, "The file with our certificate."),
    insecure_skip_verify: defaulted(bool, "Accept any certificate.", false),
    key_file: optional(string, "The file with the certificate's key."),
    key_pem: optional(secret, "The certificate's key, in PEM."),
    min_version: optional(string, "The oldest version of TLS that may be used: TLS10, TLS11, TLS12, TLS13.", {
      check: (text) => (text in prometheusVersions ? undefined : `unknown TLS version: ${text}`),
    }),
    server_name: optional(string, "The name that the server's certificate must carry, where it is not the URL's."),
  },
};

/** `tls_config` of HTTP clients in the style of Prometheus and Loki. */
export const tlsConfigBlock = assumed("How the connection is secured.", prometheusTls, { check: checkPairs });

export function prometheusTlsClient(args: Decoded<typeof tlsConfigBlock>): TlsClientSettings {
  return {
    ...sources(args.ca_file, args.ca_pem, args.cert_file, args.cert_pem, args.key_file, args.key_pem?.reveal()),
    systemCas: false,
    minVersion: prometheusVersions[args.min_version ?? ""] ?? "TLSv1.2",
    maxVersion: "TLSv1.3",
    verify: !args.insecure_skip_verify,
    ...(isSet(args.server_name) && { serverName: args.server_name }),
    reloadMs: promptReloadMs,
  };
}
