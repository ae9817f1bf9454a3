import type { BlockSchema } from "../../../../component/arguments.ts";
import type { StageDefinition } from "../stage.ts";
import { cri } from "./cri.ts";
import { decolorize } from "./decolorize.ts";
import { docker } from "./docker.ts";
import { drop } from "./drop.ts";
import { eventlogmessage } from "./eventlogmessage.ts";
import { geoip } from "./geoip.ts";
import { json } from "./json.ts";
import { labelDrop, labelKeep, staticLabels } from "./label-sets.ts";
import { labels } from "./labels.ts";
import { limit } from "./limit.ts";
import { logfmt } from "./logfmt.ts";
import { luhn } from "./luhn.ts";
import { matchStage } from "./match.ts";
import { metrics } from "./metrics.ts";
import { multiline } from "./multiline.ts";
import { output } from "./output.ts";
import { pack } from "./pack.ts";
import { pattern } from "./pattern.ts";
import { regex } from "./regex.ts";
import { replace } from "./replace.ts";
import { sampling } from "./sampling.ts";
import { splitJson } from "./split-json.ts";
import { structuredMetadata, structuredMetadataDrop } from "./structured-metadata.ts";
import { template } from "./template.ts";
import { tenant } from "./tenant.ts";
import { timestamp } from "./timestamp.ts";
import { truncate } from "./truncate.ts";
import { windowsevent } from "./windowsevent.ts";

/** Every stage by the name of its block. */
export const stages: Readonly<Record<string, StageDefinition>> = {
  "stage.cri": cri,
  "stage.decolorize": decolorize,
  "stage.docker": docker,
  "stage.drop": drop,
  "stage.eventlogmessage": eventlogmessage,
  "stage.geoip": geoip,
  "stage.json": json,
  "stage.label_drop": labelDrop,
  "stage.label_keep": labelKeep,
  "stage.labels": labels,
  "stage.limit": limit,
  "stage.logfmt": logfmt,
  "stage.luhn": luhn,
  "stage.match": matchStage(() => stageBlocks),
  "stage.metrics": metrics,
  "stage.multiline": multiline,
  "stage.output": output,
  "stage.pack": pack,
  "stage.pattern": pattern,
  "stage.regex": regex,
  "stage.replace": replace,
  "stage.sampling": sampling,
  "stage.split_json": splitJson,
  "stage.static_labels": staticLabels,
  "stage.structured_metadata": structuredMetadata,
  "stage.structured_metadata_drop": structuredMetadataDrop,
  "stage.template": template,
  "stage.tenant": tenant,
  "stage.timestamp": timestamp,
  "stage.truncate": truncate,
  "stage.windowsevent": windowsevent,
};

export const stageBlocks: Readonly<Record<string, BlockSchema>> = Object.fromEntries(
  Object.entries(stages).map(([name, { block }]) => [name, block]),
);
