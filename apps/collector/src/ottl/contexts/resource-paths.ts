import { resourceField, resourceLevel, scopeField, scopeLevel } from "../../signals/otlp/fields.ts";
import type { Access } from "./access.ts";
import { attributesField, numberField, textField, type ViewOf } from "./fields.ts";
import { indexable, type PathParts, withoutMore } from "./path-parts.ts";

const resource: ViewOf = (frame) => frame.resource;
const scope: ViewOf = (frame) => frame.scope;

export function resourcePath(path: PathParts): Access | undefined {
  switch (path.names[0]) {
    case "attributes":
      return indexable(path, attributesField(resource, path.keys[0] ?? []));
    case "dropped_attributes_count":
      return withoutMore(path, 1, numberField(resource, resourceField.droppedAttributesCount));
    case "schema_url":
      return withoutMore(
        path,
        1,
        textField((frame) => frame.resourceContainer, resourceLevel.schemaUrl),
      );
    default:
      return undefined;
  }
}

export function scopePath(path: PathParts): Access | undefined {
  switch (path.names[0]) {
    case "name":
      return withoutMore(path, 1, textField(scope, scopeField.name));
    case "version":
      return withoutMore(path, 1, textField(scope, scopeField.version));
    case "attributes":
      return indexable(path, attributesField(scope, path.keys[0] ?? []));
    case "dropped_attributes_count":
      return withoutMore(path, 1, numberField(scope, scopeField.droppedAttributesCount));
    case "schema_url":
      return withoutMore(
        path,
        1,
        textField((frame) => frame.scopeContainer, scopeLevel.schemaUrl),
      );
    default:
      return undefined;
  }
}
