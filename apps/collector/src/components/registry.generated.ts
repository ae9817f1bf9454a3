// Generated from the folders below by ci/generate.ts. Do not edit.
import { component as discoveryDns } from "./discovery/dns/component.ts";
import { component as discoveryFile } from "./discovery/file/component.ts";
import { component as discoveryHttp } from "./discovery/http/component.ts";
import { component as discoveryRelabel } from "./discovery/relabel/component.ts";
import { component as importFile } from "./import/file/component.ts";
import { component as importGit } from "./import/git/component.ts";
import { component as importHttp } from "./import/http/component.ts";
import { component as importString } from "./import/string/component.ts";
import { component as localFile } from "./local/file/component.ts";
import { component as localFileMatch } from "./local/file_match/component.ts";
import { component as lokiEcho } from "./loki/echo/component.ts";
import { component as lokiProcess } from "./loki/process/component.ts";
import { component as lokiRelabel } from "./loki/relabel/component.ts";
import { component as lokiSourceApi } from "./loki/source/api/component.ts";
import { component as lokiSourceFile } from "./loki/source/file/component.ts";
import { component as lokiWrite } from "./loki/write/component.ts";
import { component as otelcolAuthBasic } from "./otelcol/auth/basic/component.ts";
import { component as otelcolAuthBearer } from "./otelcol/auth/bearer/component.ts";
import { component as otelcolAuthHeaders } from "./otelcol/auth/headers/component.ts";
import { component as otelcolAuthOauth2 } from "./otelcol/auth/oauth2/component.ts";
import { component as otelcolExporterDebug } from "./otelcol/exporter/debug/component.ts";
import { component as otelcolExporterOtlp } from "./otelcol/exporter/otlp/component.ts";
import { component as otelcolExporterOtlphttp } from "./otelcol/exporter/otlphttp/component.ts";
import { component as otelcolProcessorAttributes } from "./otelcol/processor/attributes/component.ts";
import { component as otelcolProcessorBatch } from "./otelcol/processor/batch/component.ts";
import { component as otelcolProcessorMemoryLimiter } from "./otelcol/processor/memory_limiter/component.ts";
import { component as otelcolReceiverOtlp } from "./otelcol/receiver/otlp/component.ts";
import { component as otelcolStorageFile } from "./otelcol/storage/file/component.ts";
import { component as prometheusEcho } from "./prometheus/echo/component.ts";
import { component as prometheusExporterSelf } from "./prometheus/exporter/self/component.ts";
import { component as prometheusExporterStatic } from "./prometheus/exporter/static/component.ts";
import { component as prometheusExporterUnix } from "./prometheus/exporter/unix/component.ts";
import { component as prometheusRelabel } from "./prometheus/relabel/component.ts";
import { component as prometheusRemoteWrite } from "./prometheus/remote_write/component.ts";
import { component as prometheusScrape } from "./prometheus/scrape/component.ts";

/** Every component, ordered by name. */
export const components = [discoveryDns, discoveryFile, discoveryHttp, discoveryRelabel, importFile, importGit, importHttp, importString, localFile, localFileMatch, lokiEcho, lokiProcess, lokiRelabel, lokiSourceApi, lokiSourceFile, lokiWrite, otelcolAuthBasic, otelcolAuthBearer, otelcolAuthHeaders, otelcolAuthOauth2, otelcolExporterDebug, otelcolExporterOtlp, otelcolExporterOtlphttp, otelcolProcessorAttributes, otelcolProcessorBatch, otelcolProcessorMemoryLimiter, otelcolReceiverOtlp, otelcolStorageFile, prometheusEcho, prometheusExporterSelf, prometheusExporterStatic, prometheusExporterUnix, prometheusRelabel, prometheusRemoteWrite, prometheusScrape] as const;
