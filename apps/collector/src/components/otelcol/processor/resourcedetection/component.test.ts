import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import type { Surroundings } from "./detector.ts";
import { requestMetadata } from "./metadata-request.ts";
import { createResourceDetection, type ResourceDetectionArguments } from "./processor.ts";

// Every metadata service is one server here, which is told apart by the address that was meant.

/** `GET http://169.254.169.254/v1.json` -> the answer; a header that must be there stands behind it: `GET http://x/y token=1`. */
type Pages = Readonly<Record<string, unknown>>;

const servers: { close(): void }[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function serve(pages: Pages): Promise<Surroundings["request"]> {
  const asked = new Map(
    Object.entries(pages).map(([line, answer]) => [line.split(" ").slice(0, 2).join(" "), { answer, needs: line.split(" ")[2] }]),
  );
  const server = createServer((request, response) => {
    const page = asked.get(`${request.method} ${String(request.headers["x-meant"])}`);
    const [name = "", value = ""] = page?.needs?.split("=") ?? [];
    if (page === undefined) response.writeHead(404).end();
    else if (name !== "" && request.headers[name] !== value) response.writeHead(401).end();
    else response.end(typeof page.answer === "string" ? page.answer : JSON.stringify(page.answer));
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return (url, options, signal) => {
    const { origin, pathname, search } = new URL(url);
    const { socketPath: _, ...rest } = options;
    const headers = { ...options.headers, "x-meant": `${origin}${pathname}` };
    return requestMetadata(`http://127.0.0.1:${port}${pathname}${search}`, { ...rest, headers }, signal);
  };
}

interface World {
  readonly pages?: Pages;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

async function running(text: string, { pages = {}, environment = {}, files = {} }: World, timeout = "300ms") {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.processor.resourcedetection.test", clock: systemClock });
  const outputs = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";
  const args = decodeText(component, `timeout = "${timeout}"\n${text}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const processor = createResourceDetection(context, args as ResourceDetectionArguments, {
    environment,
    readText: async (path) => files[path],
    request: await serve(pages),
    serviceAccountFolder: "/sa",
  });
  await processor.start();
  /** What a resource becomes; with `schema` if it has one. */
  const resource = async (before: Readonly<Record<string, string>> = {}, schemaUrl = ""): Promise<Record<string, unknown>> => {
    const resourceSpans = [{ resource: { attributes: attributes(before) }, schemaUrl, scopeSpans: [{ spans: [{ name: "x" }] }] }];
    await processor.consumer.consume(new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", { resourceSpans })], items: 1 }));
    const [out] = decodeRequest("traces", sink.batches.at(-1)?.chunks ?? []).resourceSpans as Plain[];
    const schema = !out?.schemaUrl ? {} : { schema: String(out.schemaUrl) };
    return { ...plainAttributes((out?.resource as Plain | undefined)?.attributes), ...schema };
  };
  return { resource, context, processor, sink };
}

const schema = "https://opentelemetry.io/schemas/1.40.0";
const link = "http://169.254.169.254";
const arn = "arn:aws:ecs:us-east-1:123:task/cluster/abc";

const worlds: readonly (readonly [name: string, text: string, world: World, expected: Record<string, unknown>])[] = [
  [
    "env",
    'detectors = ["env"]',
    { environment: { OTEL_RESOURCE_ATTRIBUTES: " a=1 , b.c = x%20y+z ,d=" } },
    { a: "1", "b.c": "x y z", d: "" },
  ],
  ["env, of old", 'detectors = ["env"]', { environment: { OTEL_RESOURCE: "a=1" } }, { a: "1" }],
  ["env, empty", 'detectors = ["env"]', {}, {}],
  [
    "the first detector wins",
    'detectors = ["env", "heroku"]',
    { environment: { OTEL_RESOURCE_ATTRIBUTES: "service.name=mine", HEROKU_APP_ID: "1", HEROKU_APP_NAME: "theirs" } },
    { "service.name": "mine", "heroku.app.id": "1", "cloud.provider": "heroku", schema },
  ],
  [
    "lambda",
    'detectors = ["lambda"]\nlambda {\nresource_attributes {\nfaas.version {\nenabled = false\n}\n}\n}',
    { environment: { AWS_LAMBDA_FUNCTION_NAME: "f", AWS_LAMBDA_FUNCTION_VERSION: "3", AWS_LAMBDA_LOG_GROUP_NAME: "g" } },
    { "cloud.provider": "aws", "cloud.platform": "aws_lambda", "faas.name": "f", "aws.log.group.names": ["g"], schema },
  ],
  [
    "dynatrace",
    'detectors = ["dynatrace"]',
    { files: { "/var/lib/dynatrace/enrichment/dt_host_metadata.properties": "host.name=h\ndt.entity.host=HOST-1\nother=x\nbad\n" } },
    { "host.name": "h", "dt.entity.host": "HOST-1" },
  ],
  [
    "elasticbeanstalk",
    'detectors = ["elasticbeanstalk"]',
    { files: { "/var/elasticbeanstalk/xray/environment.conf": '{"deployment_id":23,"version_label":"v","environment_name":"e"}' } },
    {
      "cloud.provider": "aws",
      "cloud.platform": "aws_elastic_beanstalk",
      "service.instance.id": "23",
      "deployment.environment": "e",
      "service.version": "v",
      schema,
    },
  ],
  [
    "ec2",
    'detectors = ["ec2"]\nec2 {\ntags = ["^team$"]\ntags_from_imds = true\n}',
    {
      pages: {
        [`PUT ${link}/latest/api/token`]: "T",
        [`GET ${link}/latest/meta-data/instance-id x-aws-ec2-metadata-token=T`]: "i-1",
        [`GET ${link}/latest/meta-data/hostname`]: "ip-1",
        [`GET ${link}/latest/meta-data/tags/instance`]: "team\nother",
        [`GET ${link}/latest/meta-data/tags/instance/team`]: "blue",
        [`GET ${link}/latest/meta-data/tags/instance/other`]: "x",
        [`GET ${link}/latest/dynamic/instance-identity/document`]: {
          region: "eu-1",
          accountId: "9",
          availabilityZone: "eu-1a",
          instanceId: "i-1",
          imageId: "ami",
          instanceType: "t3",
        },
      },
    },
    {
      "cloud.provider": "aws",
      "cloud.platform": "aws_ec2",
      "cloud.region": "eu-1",
      "cloud.account.id": "9",
      "cloud.availability_zone": "eu-1a",
      "host.id": "i-1",
      "host.image.id": "ami",
      "host.type": "t3",
      "host.name": "ip-1",
      "ec2.tag.team": "blue",
      schema,
    },
  ],
  [
    "ec2, tags by its API",
    'detectors = ["ec2"]\nec2 {\ntags = ["."]\nresource_attributes {\nhost.name {\nenabled = false\n}\ncloud.platform {\nenabled = false\n}\ncloud.provider {\nenabled = false\n}\ncloud.account.id {\nenabled = false\n}\ncloud.availability_zone {\nenabled = false\n}\nhost.image.id {\nenabled = false\n}\nhost.type {\nenabled = false\n}\n}\n}',
    {
      environment: { AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "S", AWS_ENDPOINT_URL_EC2: "http://ec2.test/" },
      pages: {
        [`PUT ${link}/latest/api/token`]: "T",
        [`GET ${link}/latest/meta-data/instance-id`]: "i-1",
        [`GET ${link}/latest/meta-data/hostname`]: "ip-1",
        [`GET ${link}/latest/dynamic/instance-identity/document`]: { region: "eu-1", instanceId: "i-1" },
        "GET http://ec2.test/": "<r><tagSet><item><key>a</key><value>1 &lt; 2</value></item></tagSet></r>",
      },
    },
    { "cloud.region": "eu-1", "host.id": "i-1", "ec2.tag.a": "1 < 2", schema },
  ],
  [
    "ecs",
    'detectors = ["ecs"]',
    {
      environment: { ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/x" },
      pages: {
        "GET http://169.254.170.2/v4/x": { DockerId: "self" },
        "GET http://169.254.170.2/v4/x/task": {
          Cluster: "c",
          TaskARN: arn,
          Family: "f",
          Revision: "4",
          LaunchType: "FARGATE",
          AvailabilityZone: "us-east-1a",
          Containers: [
            { DockerId: "self", Type: "NORMAL", KnownStatus: "RUNNING", LogDriver: "awslogs", LogOptions: { "awslogs-group": "mine" } },
            {
              DockerId: "app",
              Type: "NORMAL",
              KnownStatus: "RUNNING",
              LogDriver: "awslogs",
              LogOptions: { "awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream": "s" },
            },
          ],
        },
      },
    },
    {
      "cloud.provider": "aws",
      "cloud.platform": "aws_ecs",
      "cloud.account.id": "123",
      "cloud.region": "us-east-1",
      "cloud.availability_zone": "us-east-1a",
      "aws.ecs.task.arn": arn,
      "aws.ecs.task.family": "f",
      "aws.ecs.task.revision": "4",
      "aws.ecs.task.id": "abc",
      "aws.ecs.cluster.arn": "arn:aws:ecs:us-east-1:123:cluster/c",
      "aws.ecs.launchtype": "fargate",
      "aws.log.group.names": ["g"],
      "aws.log.group.arns": ["arn:aws:logs:us-east-1:123:log-group:g"],
      "aws.log.stream.names": ["s"],
      "aws.log.stream.arns": ["arn:aws:logs:us-east-1:123:log-group:g:log-stream:s"],
      schema,
    },
  ],
  [
    "eks, by the API server's version",
    'detectors = ["eks"]',
    {
      environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" },
      files: { "/sa/token": "tok" },
      pages: {
        "GET https://10.0.0.1/version authorization=Bearer": {},
        "GET https://10.0.0.1/.well-known/openid-configuration": { issuer: "https://oidc.eks.eu-1.amazonaws.com/id/1" },
      },
    },
    { "cloud.provider": "aws", "cloud.platform": "aws_eks", schema },
  ],
  [
    "gcp, a machine",
    'detectors = ["gcp"]',
    {
      pages: Object.fromEntries(
        Object.entries({
          "project/project-id": "p",
          "instance/zone": "projects/1/zones/us-central1-c",
          "instance/machine-type": "projects/1/machineTypes/n1",
          "instance/id": "77",
          "instance/name": "vm",
          "instance/attributes/created-by": "projects/1/zones/us-central1-c/instanceGroupManagers/web",
        }).map(([path, text]) => [`GET ${link}/computeMetadata/v1/${path} metadata-flavor=Google`, text]),
      ),
    },
    {
      "cloud.provider": "gcp",
      "cloud.platform": "gcp_compute_engine",
      "cloud.account.id": "p",
      "cloud.region": "us-central1",
      "cloud.availability_zone": "us-central1-c",
      "host.type": "n1",
      "host.id": "77",
      "host.name": "vm",
      "gcp.gce.instance.group_manager.name": "web",
      "gcp.gce.instance.group_manager.zone": "us-central1-c",
      schema,
    },
  ],
  [
    "gcp, Kubernetes",
    'detectors = ["gcp"]',
    {
      environment: { KUBERNETES_SERVICE_HOST: "x" },
      pages: Object.fromEntries(
        Object.entries({
          "project/project-id": "p",
          "instance/attributes/cluster-location": "us-central1",
          "instance/attributes/cluster-name": "c",
          "instance/id": "7",
        }).map(([path, text]) => [`GET ${link}/computeMetadata/v1/${path}`, text]),
      ),
    },
    {
      "cloud.provider": "gcp",
      "cloud.platform": "gcp_kubernetes_engine",
      "cloud.account.id": "p",
      "cloud.region": "us-central1",
      "k8s.cluster.name": "c",
      "host.id": "7",
      schema,
    },
  ],
  [
    "azure",
    'detectors = ["azure"]\nazure {\ntags = ["^a"]\n}',
    {
      pages: {
        [`GET ${link}/metadata/instance/compute metadata=true`]: {
          location: "westeurope",
          name: "vm",
          vmId: "id",
          vmSize: "D2",
          subscriptionId: "s",
          resourceGroupName: "rg",
          vmScaleSetName: "",
          zone: "1",
          osProfile: { computerName: "pc" },
          tagsList: [
            { name: "a", value: "1" },
            { name: "b", value: "2" },
          ],
        },
      },
    },
    {
      "cloud.provider": "azure",
      "cloud.platform": "azure.vm",
      "host.name": "pc",
      "cloud.region": "westeurope",
      "host.id": "id",
      "cloud.account.id": "s",
      "azure.vm.name": "vm",
      "azure.vm.size": "D2",
      "azure.resourcegroup.name": "rg",
      "azure.tag.a": "1",
      schema,
    },
  ],
  [
    "aks",
    'detectors = ["aks"]\naks {\nresource_attributes {\nk8s.cluster.name {\nenabled = true\n}\n}\n}',
    {
      environment: { KUBERNETES_SERVICE_HOST: "x" },
      pages: { [`GET ${link}/metadata/instance/compute`]: { resourceGroupName: "MC_rg_mine_eastus" } },
    },
    { "cloud.provider": "azure", "cloud.platform": "azure.aks", "k8s.cluster.name": "mine", schema },
  ],
  [
    "akamai",
    'detectors = ["akamai"]',
    { pages: { [`PUT ${link}/v1/token`]: "T", [`GET ${link}/v1/instance metadata-token=T`]: { id: 5, label: "l", region: "us" } } },
    { "cloud.provider": "akamai_cloud", "cloud.region": "us", "host.id": "5", "host.name": "l", schema },
  ],
  [
    "alibaba_ecs",
    'detectors = ["alibaba_ecs"]',
    {
      pages: {
        "PUT http://100.100.100.200/latest/api/token": "T",
        ...Object.fromEntries(
          ["hostname", "image-id", "instance-id", "instance/instance-type", "owner-account-id", "region-id", "zone-id"].map((path) => [
            `GET http://100.100.100.200/latest/meta-data/${path} x-aliyun-ecs-metadata-token=T`,
            `the ${path}`,
          ]),
        ),
      },
    },
    {
      "cloud.provider": "alibaba_cloud",
      "cloud.platform": "alibaba_cloud_ecs",
      "host.name": "the hostname",
      "host.image.id": "the image-id",
      "host.id": "the instance-id",
      "host.type": "the instance/instance-type",
      "cloud.account.id": "the owner-account-id",
      "cloud.region": "the region-id",
      "cloud.availability_zone": "the zone-id",
      schema,
    },
  ],
  [
    "tencent_cvm",
    'detectors = ["tencent_cvm"]',
    {
      pages: Object.fromEntries(
        ["instance-name", "instance/image-id", "instance-id", "instance/instance-type", "app-id", "placement/region", "placement/zone"].map(
          (path) => [`GET http://metadata.tencentyun.com/latest/meta-data/${path}`, path],
        ),
      ),
    },
    {
      "cloud.provider": "tencent_cloud",
      "cloud.platform": "tencent_cloud_cvm",
      "host.name": "instance-name",
      "host.image.id": "instance/image-id",
      "host.id": "instance-id",
      "host.type": "instance/instance-type",
      "cloud.account.id": "app-id",
      "cloud.region": "placement/region",
      "cloud.availability_zone": "placement/zone",
      schema,
    },
  ],
  [
    "digitalocean",
    'detectors = ["digitalocean"]',
    { pages: { [`GET ${link}/metadata/v1.json`]: { droplet_id: 9, hostname: "h", region: "nyc1" } } },
    { "cloud.provider": "digitalocean", "cloud.region": "nyc1", "host.id": "9", "host.name": "h", schema },
  ],
  [
    "hetzner",
    'detectors = ["hetzner"]',
    {
      pages: Object.fromEntries(
        ["instance-id", "hostname", "region", "availability-zone"].map((path) => [`GET ${link}/hetzner/v1/metadata/${path}`, path]),
      ),
    },
    {
      "cloud.provider": "hetzner",
      "host.id": "instance-id",
      "host.name": "hostname",
      "cloud.region": "region",
      "cloud.availability_zone": "availability-zone",
      schema,
    },
  ],
  [
    "nova",
    'detectors = ["nova"]\nnova {\nlabels = ["^role$"]\n}',
    {
      pages: {
        [`GET ${link}/openstack/latest/meta_data.json`]: { uuid: "u", hostname: "h", availability_zone: "z", meta: { role: "db", x: "y" } },
        [`GET ${link}/latest/meta-data/instance-type`]: "m1",
      },
    },
    {
      "cloud.provider": "openstack",
      "cloud.platform": "openstack_nova",
      "cloud.availability_zone": "z",
      "host.id": "u",
      "host.name": "h",
      "host.type": "m1",
      "openstack.nova.meta.role": "db",
      schema,
    },
  ],
  [
    "oraclecloud",
    'detectors = ["oraclecloud"]',
    {
      pages: {
        [`GET ${link}/opc/v2/instance/`]: {
          id: "o",
          displayName: "d",
          shape: "s",
          canonicalRegionName: "r",
          availabilityDomain: "a",
          metadata: { "oke-cluster-display-name": "k", realm: "oc1" },
        },
      },
    },
    {
      "cloud.provider": "oracle_cloud",
      "cloud.platform": "oracle_cloud_oke",
      "cloud.region": "r",
      "cloud.availability_zone": "a",
      "host.id": "o",
      "host.name": "d",
      "host.type": "s",
      "k8s.cluster.name": "k",
      "oracle_cloud.realm": "oc1",
      schema,
    },
  ],
  [
    "scaleway",
    'detectors = ["scaleway"]',
    {
      pages: {
        "GET http://169.254.42.42/conf": {
          id: "i",
          name: "n",
          organization: "o",
          commercial_type: "DEV1",
          image: { id: "ii", name: "in" },
          location: { zone_id: "fr-par-1" },
        },
      },
    },
    {
      "cloud.account.id": "o",
      "cloud.availability_zone": "fr-par-1",
      "cloud.provider": "scaleway_cloud",
      "cloud.platform": "scaleway_cloud_compute",
      "cloud.region": "fr-par",
      "host.id": "i",
      "host.image.id": "ii",
      "host.image.name": "in",
      "host.name": "n",
      "host.type": "DEV1",
      schema,
    },
  ],
  [
    "upcloud",
    'detectors = ["upcloud"]',
    { pages: { [`GET ${link}/metadata/v1.json`]: { cloud_name: "upcloud", hostname: "h", instance_id: "i", region: "fi" } } },
    { "cloud.provider": "upcloud", "cloud.region": "fi", "host.id": "i", "host.name": "h", schema },
  ],
  [
    "vultr",
    'detectors = ["vultr"]',
    { pages: { [`GET ${link}/v1.json`]: { hostname: "h", instanceid: "1", "instance-v2-id": "u-2", region: { regioncode: "EWR" } } } },
    { "cloud.provider": "vultr", "cloud.region": "ewr", "host.id": "u-2", "host.name": "h", schema },
  ],
  [
    "consul",
    'detectors = ["consul"]\nconsul {\ntoken = "t"\nmeta = ["env"]\n}',
    {
      pages: {
        "GET http://127.0.0.1:8500/v1/agent/self x-consul-token=t": {
          Config: { NodeName: "n", Datacenter: "d", NodeID: "i" },
          Meta: { env: "dev", x: "y" },
        },
      },
    },
    { "host.name": "n", "cloud.region": "d", "host.id": "i", env: "dev", schema },
  ],
  [
    "docker",
    'detectors = ["docker"]',
    { pages: { "GET http://docker/info": { Name: "host", OSType: "linux" } } },
    { "host.name": "host", "os.type": "linux", schema },
  ],
  [
    "kubernetes_node",
    'detectors = ["kubernetes_node"]\nkubernetes_node {\nauth_type = "serviceAccount"\n}',
    {
      environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1", K8S_NODE_NAME: "node-1" },
      files: { "/sa/token": "tok\n", "/sa/ca.crt": "" },
      pages: { "GET https://10.0.0.1/api/v1/nodes/node-1": { metadata: { name: "node-1", uid: "u" } } },
    },
    { "k8s.node.name": "node-1", "k8s.node.uid": "u", schema },
  ],
  [
    "kubeadm",
    'detectors = ["kubeadm"]',
    {
      environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
      pages: {
        "GET https://10.0.0.1/api/v1/namespaces/kube-system/configmaps/kubeadm-config": {
          data: { ClusterConfiguration: "clusterName: prod\n" },
        },
        "GET https://10.0.0.1/api/v1/namespaces/kube-system": { metadata: { uid: "u" } },
      },
    },
    { "k8s.cluster.name": "prod", "k8s.cluster.uid": "u", schema },
  ],
  [
    "openshift",
    'detectors = ["openshift"]\nopenshift {\naddress = "http://api.test"\ntoken = "t"\n}',
    {
      pages: {
        "GET http://api.test/apis/config.openshift.io/v1/infrastructures/cluster/status": {
          status: { infrastructureName: "ocp", platformStatus: { type: "AWS", aws: { region: "US-1" } } },
        },
      },
    },
    { "k8s.cluster.name": "ocp", "cloud.provider": "aws", "cloud.platform": "aws_openshift", "cloud.region": "us-1", schema },
  ],
];

for (const [name, text, world, expected] of worlds)
  test(`detects ${name}`, async () => {
    const { resource, processor, context } = await running(text, world);
    assert.deepEqual(Object.entries(await resource()).sort(), Object.entries(expected).sort());
    assert.deepEqual(
      context.healthReports.map(({ state }) => state),
      ["healthy"],
    );
    await processor.stop(AbortSignal.abort());
  });

test("detects the machine itself", async () => {
  const { resource, processor } = await running(
    'detectors = ["system"]\nsystem {\nhostname_sources = ["os"]\nresource_attributes {\nhost.id {\nenabled = true\n}\nos.version {\nenabled = true\n}\nhost.cpu.family {\nenabled = true\n}\n}\n}',
    {
      files: {
        "/etc/machine-id": "m1\n",
        "/etc/os-release": 'ID=debian\nVERSION_ID="13"\n',
        "/proc/cpuinfo": "processor : 0\ncpu family : 6\n\nprocessor : 1\n",
      },
    },
  );
  const { "host.name": name, ...rest } = await resource();
  assert.equal(typeof name, "string");
  assert.deepEqual(rest, { "host.id": "m1", "os.type": process.platform, "os.version": "13", "host.cpu.family": "6", schema });
  await processor.stop(AbortSignal.abort());
});

test("finds the full name of the machine in the hosts file", async () => {
  const short = (await import("node:os")).hostname();
  const { resource } = await running('detectors = ["system"]', {
    files: { "/etc/hosts": `127.0.0.1 localhost\n10.0.0.1 ${short} ${short}.example.com # me\n` },
  });
  assert.equal((await resource())["host.name"], `${short}.example.com`);
});

test("replaces attributes, or leaves them where override is false", async () => {
  const world = { environment: { OTEL_RESOURCE_ATTRIBUTES: "a=new,b=new" } };
  assert.deepEqual(await (await running("", world)).resource({ a: "old", c: "old" }), { a: "new", c: "old", b: "new" });
  assert.deepEqual(await (await running("override = false", world)).resource({ a: "old", c: "old" }), { a: "old", c: "old", b: "new" });
});

test("leaves a schema URL that is there", async () => {
  const { resource } = await running('detectors = ["heroku"]', { environment: { HEROKU_APP_ID: "1" } });
  assert.equal((await resource({}, "http://mine")).schema, "http://mine");
});

test("hands on the same memory where there is nothing to add", async () => {
  const { processor, sink } = await running("", {});
  const chunk = encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
  await processor.consumer.consume(new OtlpBatch({ signal: "logs", chunks: [chunk], items: 1 }));
  assert.equal(sink.batches[0]?.chunks[0], chunk);
});

test("is unhealthy where a service must answer and does not, and adds what others found", async () => {
  const text = 'fail_on_missing_metadata = true\ndetectors = ["vultr", "env"]';
  const { resource, context, processor } = await running(text, { environment: { OTEL_RESOURCE_ATTRIBUTES: "a=1" } });
  assert.deepEqual(await resource(), { a: "1" });
  assert.match(context.healthReports.at(-1)?.message ?? "", /vultr: GET .*status 404/);
  assert.equal(context.metric("otelcol_resourcedetection_detector_results_total", { detector: "vultr", outcome: "failure" }), 1);
  assert.equal(context.metric("otelcol_resourcedetection_detector_results_total", { detector: "env", outcome: "success" }), 1);
  assert.equal(context.metric("otelcol_resourcedetection_attributes_detected"), 1);
  await processor.stop(AbortSignal.abort());
});

test("says what is wrong with the environment variable", async () => {
  const { resource, context, processor } = await running("", { environment: { OTEL_RESOURCE_ATTRIBUTES: "novalue" } });
  assert.deepEqual(await resource(), {});
  assert.match(context.healthReports.at(-1)?.message ?? "", /env: invalid resource format: "novalue"/);
  await processor.stop(AbortSignal.abort());
});

for (const [text, message] of [
  ["detectors = []", /at least one detector must be specified/],
  ['detectors = ["x"]', /invalid detector: x/],
  ['system {\nhostname_sources = ["x"]\n}', /invalid hostname source: x/],
  ['azure {\ntags = ["("]\n}', /missing closing \)/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\noutput {\n}`);
    assert.match(diagnostics.map((each) => each.message).join(";"), message);
  });

test("kubernetes_node asks the cluster of the context that is named, or of the current one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "invar-kubeconfig-"));
  after(() => rmSync(folder, { recursive: true }));
  const clusterOf = async (uid: string): Promise<string> => {
    const server = createServer((_, response) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify({ metadata: { name: "node-1", uid } })),
    ).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const clusters = { east: await clusterOf("of-east"), west: await clusterOf("of-west") };
  const names = Object.keys(clusters);
  const KUBECONFIG = join(folder, "config");
  writeFileSync(
    KUBECONFIG,
    JSON.stringify({
      "current-context": "in-east",
      clusters: Object.entries(clusters).map(([name, server]) => ({ name, cluster: { server } })),
      contexts: names.map((name) => ({ name: `in-${name}`, context: { cluster: name } })),
    }),
  );
  const detect = async (context: string) => {
    const text = `detectors = ["kubernetes_node"]\nkubernetes_node {\nauth_type = "kubeConfig"\n${context}}`;
    const { resource, processor } = await running(text, { environment: { KUBECONFIG, K8S_NODE_NAME: "node-1" } }, "5s");
    const found = await resource();
    await processor.stop(AbortSignal.abort());
    return found;
  };
  assert.equal((await detect(""))["k8s.node.uid"], "of-east");
  assert.equal((await detect('context = "in-west"\n'))["k8s.node.uid"], "of-west");
});
