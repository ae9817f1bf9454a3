import { ProtobufReader } from "../../../bytes/protobuf-reader.ts";
import { AnyValueReader } from "../any-value.ts";
import { AttributeCursor } from "../attribute-cursor.ts";
import type { Signal } from "../batch.ts";
import { logField, metricField, resourceField, resourceLevel, scopeField, scopeLevel, spanField } from "../fields.ts";
import { type ItemCursor, METRIC, RESOURCE, SCOPE } from "../item-cursor.ts";
import { type MatchProperties, severityNames } from "./arguments.ts";
import { attributeMatcher } from "./attribute-matcher.ts";
import { type TextFilter, type TextFilterOptions, textFilter } from "./text-filter.ts";

/** Whether the item on which a cursor stands has the properties that the user listed. Asked at every item, in order. */
export interface ItemMatcher {
  matches(cursor: ItemCursor): boolean;
}

/** One question, about the parent at a level or about the item itself. */
interface Question {
  readonly level: number;
  readonly ask: (cursor: ItemCursor) => boolean;
}

/** Deeper than all parents: asked at every item. */
const ITEM = 99;

const spanKindNames = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
].map((name) => Buffer.from(name));

/** Throws `GoError` where a pattern or value is wrong; the properties have passed `matchFault`. */
export function itemMatcher(signal: Signal, properties: MatchProperties): ItemMatcher {
  return remembering(questionsOf(signal, properties));
}

/**
 * What both blocks together decide: true where an item is not to be processed. `include` is asked before `exclude`.
 */
export function skipped(
  signal: Signal,
  include: MatchProperties | undefined,
  exclude: MatchProperties | undefined,
): ItemMatcher | undefined {
  const included = include === undefined ? undefined : nonEmpty(signal, include);
  const excluded = exclude === undefined ? undefined : nonEmpty(signal, exclude);
  if (included === undefined && excluded === undefined) return undefined;
  return {
    matches(cursor) {
      // Both are asked at every item: they remember answers about parents.
      const isIncluded = included?.matches(cursor) ?? true;
      const isExcluded = excluded?.matches(cursor) ?? false;
      return !isIncluded || isExcluded;
    },
  };
}

/** For metrics without names there is nothing to ask: what is written about resources has no effect on them. */
function nonEmpty(signal: Signal, properties: MatchProperties): ItemMatcher | undefined {
  return signal === "metrics" && properties.metric_names.length === 0 ? undefined : itemMatcher(signal, properties);
}

/** Asks about a parent once, when it is new. */
function remembering(questions: readonly Question[]): ItemMatcher {
  const answers = questions.map(() => false);
  return {
    matches(cursor) {
      let all = true;
      for (let i = 0; i < questions.length; i++) {
        const { level, ask } = questions[i] as Question;
        if (level === ITEM) {
          if (all && !ask(cursor)) all = false;
        } else {
          if (cursor.entered <= level) answers[i] = ask(cursor);
          if (!answers[i]) all = false;
        }
      }
      return all;
    },
  };
}

function questionsOf(signal: Signal, properties: MatchProperties): Question[] {
  const options: TextFilterOptions = {
    matchType: properties.match_type,
    cacheEntries: properties.regexp?.cache_enabled === true ? properties.regexp.cache_max_num_entries : undefined,
  };
  const questions: Question[] = [];
  const field = fieldReader();
  if (signal === "metrics") {
    const names = textFilter(properties.metric_names, options);
    questions.push({
      level: METRIC,
      ask(cursor) {
        cursor.part(METRIC, metricField.name);
        return names.matches(cursor.bytes, cursor.partStart, cursor.partEnd);
      },
    });
    return questions;
  }
  if (properties.services.length > 0) questions.push(serviceQuestion(textFilter(properties.services, options)));
  if (properties.resource.length > 0) {
    const matcher = attributeMatcher(properties.resource, options);
    questions.push({
      level: RESOURCE,
      ask(cursor) {
        cursor.part(RESOURCE, resourceLevel.resource);
        return matcher.matches(cursor.bytes, cursor.partStart, cursor.partEnd, resourceField.attributes);
      },
    });
  }
  for (const { name, version } of properties.library) {
    questions.push(scopeQuestion(scopeField.name, textFilter([name], options)));
    if (version !== undefined) questions.push(scopeQuestion(scopeField.version, textFilter([version], options)));
  }
  const ofItem = (number: number, texts: readonly string[]) => {
    if (texts.length === 0) return;
    const filter = textFilter(texts, options);
    questions.push({
      level: ITEM,
      ask(cursor) {
        field.find(cursor, number);
        return filter.matches(cursor.bytes, field.start, field.end);
      },
    });
  };
  if (signal === "traces") {
    ofItem(spanField.name, properties.span_names);
    if (properties.span_kinds.length > 0) {
      const filter = textFilter(properties.span_kinds, options);
      questions.push({
        level: ITEM,
        ask(cursor) {
          field.find(cursor, spanField.kind);
          const name = spanKindNames[field.value] ?? Buffer.alloc(0);
          return filter.matches(name, 0, name.length);
        },
      });
    }
  } else {
    if (properties.log_bodies.length > 0) questions.push(bodyQuestion(textFilter(properties.log_bodies, options)));
    ofItem(logField.severityText, properties.log_severity_texts);
    if (properties.log_severity !== undefined) {
      const { min, match_undefined } = properties.log_severity;
      const lowest = severityNames.indexOf(min) + 1;
      questions.push({
        level: ITEM,
        ask(cursor) {
          field.find(cursor, logField.severityNumber);
          return field.value === 0 ? match_undefined : field.value >= lowest;
        },
      });
    }
  }
  if (properties.attribute.length > 0) {
    const matcher = attributeMatcher(properties.attribute, options);
    const attributes = signal === "traces" ? spanField.attributes : logField.attributes;
    questions.push({ level: ITEM, ask: (cursor) => matcher.matches(cursor.bytes, cursor.start, cursor.end, attributes) });
  }
  return questions;
}

/** Finds one field of the current item: its text from `start` to `end`, or its `value`; empty and 0 where it is absent. */
function fieldReader() {
  const reader = new ProtobufReader();
  const found = {
    start: 0,
    end: 0,
    value: 0,
    find(cursor: ItemCursor, number: number): void {
      found.start = found.end = cursor.end;
      found.value = 0;
      reader.reset(cursor.bytes, cursor.start, cursor.end);
      while (reader.next())
        if (reader.field === number) {
          found.start = reader.start;
          found.end = reader.stop;
          found.value = reader.low;
        }
    },
  };
  return found;
}

function serviceQuestion(filter: TextFilter): Question {
  const attributes = new AttributeCursor();
  const value = new AnyValueReader();
  const serviceName = Buffer.from("service.name");
  const unknown = Buffer.from("<nil-service-name>");
  return {
    level: RESOURCE,
    ask(cursor) {
      cursor.part(RESOURCE, resourceLevel.resource);
      const isThere = attributes.reset(cursor.bytes, cursor.partStart, cursor.partEnd, resourceField.attributes).find(serviceName);
      const name = isThere ? Buffer.from(value.reset(cursor.bytes, attributes.valueStart, attributes.valueEnd).text()) : unknown;
      return filter.matches(name, 0, name.length);
    },
  };
}

function scopeQuestion(number: number, filter: TextFilter): Question {
  const reader = new ProtobufReader();
  return {
    level: SCOPE,
    ask(cursor) {
      cursor.part(SCOPE, scopeLevel.scope);
      let start = cursor.partEnd;
      let end = start;
      reader.reset(cursor.bytes, cursor.partStart, cursor.partEnd);
      while (reader.next())
        if (reader.field === number) {
          start = reader.start;
          end = reader.stop;
        }
      return filter.matches(cursor.bytes, start, end);
    },
  };
}

function bodyQuestion(filter: TextFilter): Question {
  const reader = new ProtobufReader();
  const body = new AnyValueReader();
  return {
    level: ITEM,
    ask(cursor) {
      body.reset(cursor.bytes, cursor.start, cursor.start);
      reader.reset(cursor.bytes, cursor.start, cursor.end);
      while (reader.next()) if (reader.field === logField.body) body.reset(cursor.bytes, reader.start, reader.stop);
      const text = Buffer.from(body.text());
      return filter.matches(text, 0, text.length);
    },
  };
}
