import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type TarEntry, tarOf } from "./tar.ts";

/** What a container of the image begins with, in the words of the image format. */
export interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

export interface Layer {
  /** Of the archive as it was before compression. */
  readonly contentDigest: string;
  readonly compressed: Buffer;
}

const compress = promisify(gzip);

/** Compresses a layer as small as gzip can, which every engine reads; one that was compressed before is taken from the cache. */
export async function layerOf(entries: Iterable<TarEntry>, cache: string): Promise<Layer> {
  const content = tarOf(entries);
  const contentDigest = sha256(content);
  const kept = join(cache, `${contentDigest}.tar.gz`);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    const unfinished = `${kept}.${process.pid}`;
    writeFileSync(unfinished, await compress(content, { level: 9 }));
    renameSync(unfinished, kept);
  }
  return { contentDigest, compressed: readFileSync(kept) };
}

/** An image as one file: an OCI layout for containerd and new engines, with the index that `docker load` of old ones reads. */
export function imageArchive(name: string, config: ImageConfig, layers: readonly Layer[]): Buffer {
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch;
  const image = json({
    created: "1970-01-01T00:00:00Z",
    architecture,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${layer.contentDigest}`) },
    history: layers.map(() => ({ created: "1970-01-01T00:00:00Z" })),
  });
  const descriptor = (mediaType: string, data: Buffer) => ({ mediaType, digest: `sha256:${sha256(data)}`, size: data.length });
  const manifest = json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("application/vnd.oci.image.config.v1+json", image),
    layers: layers.map((layer) => descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer.compressed)),
  });
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest),
        platform: { architecture, os: "linux" },
        annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1) },
      },
    ],
  });
  const blobs = new Map([image, manifest, ...layers.map((layer) => layer.compressed)].map((data) => [sha256(data), data]));
  const blob = (digest: string) => `blobs/sha256/${digest}`;
  const forDocker = [{ Config: blob(sha256(image)), RepoTags: [name], Layers: layers.map((layer) => blob(sha256(layer.compressed))) }];
  return tarOf([
    { path: "oci-layout", mode: 0o644, data: json({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", mode: 0o644, data: index },
    { path: "manifest.json", mode: 0o644, data: json(forDocker) },
    { path: "blobs/", mode: 0o755 },
    { path: "blobs/sha256/", mode: 0o755 },
    ...[...blobs].map(([digest, data]) => ({ path: blob(digest), mode: 0o644, data })),
  ]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
