import { chartDependencies } from "./chart-dependencies.ts";
import { chartFile } from "./chart-file.ts";
import { collectorConfiguration } from "./collector-configuration.ts";
import { deprecatedVersions } from "./deprecated-versions.ts";
import { duplicateKeys } from "./duplicate-keys.ts";
import { duplicateObjects } from "./duplicate-objects.ts";
import { unlistedImages, unpinnedImages } from "./images.ts";
import { immutableFields } from "./immutable-fields.ts";
import { kubernetesObjects } from "./kubernetes-objects.ts";
import type { Rule } from "./lint-input.ts";
import { misspeltValues } from "./misspelt-values.ts";
import { nilDereferences } from "./nil-dereferences.ts";
import { objectHeads } from "./object-heads.ts";
import { podSecurity } from "./pod-security.ts";
import { printfArguments } from "./printf-arguments.ts";
import { releaseSize } from "./release-size.ts";
import { templateFiles } from "./template-files.ts";
import { unreadValues } from "./unread-values.ts";
import { unusedVariables } from "./unused-variables.ts";

/**
 * Everything that lint looks for, in the order in which a chart is built: its files, the values, the templates, what they render, the
 * release. What comes first often explains what follows.
 */
export const rules: readonly Rule[] = [
  chartFile,
  chartDependencies,
  templateFiles,
  duplicateKeys,
  misspeltValues,
  unreadValues,
  unusedVariables,
  printfArguments,
  nilDereferences,
  objectHeads,
  deprecatedVersions,
  kubernetesObjects,
  duplicateObjects,
  immutableFields,
  podSecurity,
  unpinnedImages,
  unlistedImages,
  collectorConfiguration,
  releaseSize,
];
