import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../component/arguments.ts";
import { decodeText, tryDecodeText } from "../../component/from-text.ts";
import { otelcolTlsClient, otelcolTlsClientBlock, otelcolTlsServer, otelcolTlsServerBlock } from "./otelcol-arguments.ts";
import { prometheusTlsClient, tlsConfigBlock } from "./prometheus-arguments.ts";
import { serverTls, serverTlsBlock } from "./server-arguments.ts";

const blocks: Readonly<Record<string, Schema>> = {
  client: otelcolTlsClientBlock,
  server: otelcolTlsServerBlock,
  config: tlsConfigBlock,
  listener: serverTlsBlock,
};

// A semicolon ends a line.
const cases: readonly (readonly [keyof typeof blocks, string, RegExp])[] = [
  ["client", "", /^$/],
  ["client", 'ca_pem = "a"; ca_file = "b"', /at most one of ca_pem and ca_file must be configured/],
  ["client", 'cert_pem = "a"; cert_file = "b"; key_file = "k"', /at most one of cert_pem and cert_file/],
  ["client", 'cert_file = "b"; key_file = "k"; key_pem = "k"', /at most one of key_pem and key_file/],
  ["client", 'cert_file = "b"', /exactly one of key_pem or key_file must be configured when a client certificate is configured/],
  ["client", 'key_file = "b"', /exactly one of cert_pem or cert_file must be configured when a client key is configured/],
  ["client", 'min_version = "1.4"', /unsupported TLS version: "1.4"/],
  ["client", 'min_version = "TLS 1.3"; max_version = "1.2"', /min_version cannot be greater than max_version/],
  ["client", 'cipher_suites = ["TLS_NONE"]', /invalid TLS cipher suite: "TLS_NONE"/],
  ["client", 'cipher_suites = ["TLS_RSA_WITH_AES_128_CBC_SHA"]', /include_insecure_cipher_suites = true/],
  ["client", 'cipher_suites = ["TLS_RSA_WITH_AES_128_CBC_SHA"]; include_insecure_cipher_suites = true', /^$/],
  ["client", 'cipher_suites = ["TLS_RSA_WITH_RC4_128_SHA"]; include_insecure_cipher_suites = true', /broken and not supported/],
  ["client", 'curve_preferences = ["P999"]', /invalid curve type: P999/],
  ["client", "tpm { enabled = true }", /can't be taken from a TPM/],
  ["client", "tpm { enabled = false }", /^$/],
  ["server", "", /must include both certificate and key/],
  ["server", 'cert_pem = "c"; key_pem = "k"; client_ca_file = "a"', /^$/],
  ["config", 'min_version = "1.2"', /unknown TLS version: 1.2/],
  ["listener", "", /^$/],
  ["listener", 'cert_pem = "c"', /missing one of key/],
  ["listener", 'client_auth_type = "Whatever"', /invalid ClientAuth: Whatever/],
  ["listener", 'client_ca_file = "a"', /without a Client Auth Policy/],
  ["listener", 'cipher_suites = "A,B"', /"A" not recognized.*"B" not recognized/],
  ["listener", 'min_version = "TLS12"', /TLS version "TLS12" not recognized/],
];

for (const [kind, text, expected] of cases)
  test(`${kind} ${text || "nothing"} is found to be ${expected}`, () => {
    const schema = blocks[kind] ?? {};
    const found = tryDecodeText(schema, text.replaceAll(";", "\n")).diagnostics.map(({ message }) => message);
    assert.match(found.join("; "), expected);
  });

test("insecure turns TLS off, unless an authority is given", () => {
  assert.equal(otelcolTlsClient(decodeText(otelcolTlsClientBlock, "insecure = true")), undefined);
  assert.deepEqual(otelcolTlsClient(decodeText(otelcolTlsClientBlock, 'insecure = true \n ca_file = "f"'))?.ca, { file: "f" });
});

test("the defaults are TLS 1.2 to 1.3, verified, never reloaded in OpenTelemetry and promptly in Prometheus", () => {
  assert.deepEqual(otelcolTlsClient(decodeText(otelcolTlsClientBlock, "")), {
    systemCas: false,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    verify: true,
    reloadMs: undefined,
  });
  assert.equal(prometheusTlsClient(decodeText(tlsConfigBlock, 'ca_file = "f"')).reloadMs, 1000);
});

test("suites, curves and versions become the platform's", () => {
  const text =
    'cipher_suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"] \n curve_preferences = ["P256", "X25519"] \n min_version = "1.0" \n reload_interval = "1m"';
  const settings = otelcolTlsClient(decodeText(otelcolTlsClientBlock, text));
  assert.match(settings?.ciphers ?? "", /^TLS_AES_128_GCM_SHA256:.*:ECDHE-RSA-AES128-GCM-SHA256$/);
  assert.equal(settings?.curves, "P-256:X25519");
  assert.equal(settings?.minVersion, "TLSv1");
  assert.equal(settings?.reloadMs, 60_000);
});

test("servers ask for client certificates where authorities for them are given", () => {
  const server = otelcolTlsServer(decodeText(otelcolTlsServerBlock, 'cert_pem = "c" \n key_pem = "k" \n client_ca_file = "a"'));
  assert.equal(server.clientAuth, "RequireAndVerifyClientCert");
  assert.deepEqual(server.clientCa, { file: "a" });
  const text =
    'cert_pem = "c" \n key_pem = "k" \n client_ca_pem = "a" \n client_auth_type = "RequireClientCert" \n min_version = "VersionTLS13"';
  const listener = serverTls(decodeText(serverTlsBlock, text));
  assert.equal(listener?.clientAuth, "RequireAnyClientCert");
  assert.equal(listener?.minVersion, "TLSv1.3");
  assert.equal(serverTls(decodeText(serverTlsBlock, "")), undefined);
});
