import type { GoMap } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import { type CheckedObject, type FieldPath, type LintInput, type Rule, textAt } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";
import { containersOf, podOf } from "./pod-specs.ts";

/** Images whose content may change under the same name. */
export const unpinnedImages: Rule = {
  id: "images/unpinned",
  summary: "Every image has a version.",
  check: (input) =>
    images(input).flatMap(({ object, path, image }) => {
      const problem = image.trim() === "" ? "has no name" : unpinned(image);
      if (problem === undefined) return [];
      return [
        objectFinding(input, object, path, {
          rule: "images/unpinned",
          severity: "warning",
          message: `the image ${image} ${problem}`,
          fix: "give it a version, best with its digest: name:1.2.3@sha256:…",
        }),
      ];
    }),
};

/** Images that are not in the list of those that may be used. */
export const unlistedImages: Rule = {
  id: "images/unlisted",
  summary: "Every image is in the given list.",
  check: (input) => {
    const { allowedImages } = input;
    if (allowedImages === undefined) return [];
    return images(input).flatMap(({ object, path, image }): Finding[] => {
      if (allowedImages.some((allowed) => isAllowed(image, allowed))) return [];
      return [
        objectFinding(input, object, path, {
          rule: "images/unlisted",
          severity: "error",
          message: `the image ${image} is not in the list`,
          fix: "add it to the list, or use one that is in it",
        }),
      ];
    });
  },
};

interface UsedImage {
  readonly object: CheckedObject;
  readonly path: FieldPath;
  readonly image: string;
}

function images({ objects }: LintInput): UsedImage[] {
  return objects.flatMap((object) => {
    const pod = podOf(object);
    if (pod === undefined) return [];
    return containersOf(pod).flatMap(({ path, content }) =>
      hasImage(content) ? [{ object, path: [...path, "image"], image: textAt(content, "image") }] : [],
    );
  });
}

function hasImage(content: GoMap): boolean {
  return typeof content.get("image") === "string";
}

function unpinned(image: string): string | undefined {
  // Istio's webhook puts the real one in its place.
  if (image.includes("@") || image === "auto") return undefined;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  if (tag === undefined) return image.endsWith(":") ? "has an empty tag" : "has no tag: it is whatever is newest";
  return tag === "latest" ? "has the tag latest: it is whatever is newest" : undefined;
}

/** Entries end with a star to allow all that begins like them. An entry without tag allows every tag. */
function isAllowed(image: string, allowed: string): boolean {
  if (allowed.endsWith("*")) return image.startsWith(allowed.slice(0, -1));
  return image === allowed || image.startsWith(`${allowed}:`) || image.startsWith(`${allowed}@`);
}
