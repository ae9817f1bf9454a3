/** The parts of an image's name: `registry.example:5000/team/web:1.2@sha256:…`. */
export interface ImageReference {
  /** With the registry, as it is written. */
  readonly repository: string;
  /** `latest` where none is written, empty where a digest is. */
  readonly tag: string;
  readonly digest: string;
}

const pattern =
  /^(?<repository>[^@]*?[^@:/](?::\d+\/[^@:]+)?|[^@:]+)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$/;

/** Undefined where the text is no image's name. */
export function parseImage(text: string): ImageReference | undefined {
  const { repository = "", tag, digest = "" } = pattern.exec(text)?.groups ?? {};
  if (repository === "") return undefined;
  return { repository, tag: tag ?? (digest === "" ? "latest" : ""), digest };
}

/** The version that the semantic conventions make of an image; undefined where it has neither a tag nor a digest. */
export function versionOfImage(text: string): string | undefined {
  const image = parseImage(text);
  if (image === undefined) return undefined;
  const tag = /:[\w][\w.-]*(@|$)/.test(text.slice(text.lastIndexOf("/") + 1)) ? image.tag : "";
  if (image.digest !== "") return tag === "" ? image.digest : `${tag}@${image.digest}`;
  return tag === "" ? undefined : tag;
}

/** `repository@digest` of what a container runtime says of the image that it runs. */
export function repoDigestOf(imageId: string): string | undefined {
  const image = parseImage(imageId.replace(/^[a-z-]+:\/\//, ""));
  return image === undefined || image.digest === "" ? undefined : `${image.repository}@${image.digest}`;
}
