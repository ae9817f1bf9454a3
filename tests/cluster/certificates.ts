import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Who speaks to the API server with a certificate: the file's name, and who that is in Kubernetes. */
const clients = {
  admin: "/O=system:masters/CN=admin",
  kubelet: "/O=system:nodes/CN=system:node:node0",
  "kube-controller-manager": "/CN=system:kube-controller-manager",
  "kube-scheduler": "/CN=system:kube-scheduler",
  "kube-proxy": "/CN=system:kube-proxy",
} as const;

/** Makes the authority of a cluster, the certificates of its servers, and a kubeconfig `NAME.conf` for each of its clients. */
export function makeCertificates(folder: string, address: string, port = 6443): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = (name: string) => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  const certificate = (name: string, subject: string, usage: "serverAuth" | "clientAuth", names = "") => {
    key(name);
    openssl("req", "-new", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`);
    const extensions = [
      "keyUsage=critical,digitalSignature",
      `extendedKeyUsage=${usage}`,
      ...(names === "" ? [] : [`subjectAltName=${names}`]),
    ];
    writeFileSync(join(folder, `${name}.ext`), `${extensions.join("\n")}\n`);
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-days", "30", "-sha256", "-out", `${name}.crt`, "-extfile", `${name}.ext`],
    );
  };
  key("ca");
  openssl(
    ...["req", "-x509", "-new", "-key", "ca.key", "-sha256", "-days", "30", "-subj", "/CN=test-authority", "-out", "ca.crt"],
    ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,digitalSignature"],
  );
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"];
  const apiNames = [...service.map((name) => `DNS:${name}`), "IP:127.0.0.1", "IP:10.96.0.1", `IP:${address}`];
  certificate("apiserver", "/CN=kube-apiserver", "serverAuth", apiNames.join(","));
  certificate("kubelet-server", "/O=system:nodes/CN=system:node:node0", "serverAuth", `DNS:node0,IP:${address},IP:127.0.0.1`);
  certificate("apiserver-kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", "clientAuth");
  for (const [name, subject] of Object.entries(clients)) {
    certificate(name, subject, "clientAuth");
    writeFileSync(join(folder, `${name}.conf`), kubeconfig(folder, name, `https://${address}:${port}`), { mode: 0o600 });
  }
  openssl("genrsa", "-out", "sa.key", "2048");
  openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub");
}

function kubeconfig(folder: string, name: string, server: string): string {
  const data = (file: string) => readFileSync(join(folder, file)).toString("base64");
  const cluster = { server, "certificate-authority-data": data("ca.crt") };
  const user = { "client-certificate-data": data(`${name}.crt`), "client-key-data": data(`${name}.key`) };
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name, user }],
    contexts: [{ name: "test", context: { cluster: "test", user: name } }],
    "current-context": "test",
  });
}
