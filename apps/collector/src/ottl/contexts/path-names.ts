/** What paths of any context are made of, for hints about those that are misspelt. */
export const pathNames: readonly string[] = `
aggregation_temporality attributes body bucket_counts cache code count data_points deprecated_string description double_value
dropped_attributes_count dropped_events_count dropped_links_count end_time end_time_unix_nano event_index event_name events
exemplars explicit_bounds filtered_attributes flags int_value is_monotonic kind links message metadata name negative observed_time
observed_time_unix_nano offset parent_span_id positive quantile_values scale schema_url severity_number severity_text span_id
start_time start_time_unix_nano status string sum time time_unix_nano trace_id trace_state type unit value_double value_int version
zero_count`
  .trim()
  .split(/\s+/);
