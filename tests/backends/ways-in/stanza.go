package main

import (
	"context"
	"fmt"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/pipeline"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"

	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/container"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/csv"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/jsonarray"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/jsonparser"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/keyvalue"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/regex"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/scope"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/severity"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/syslog"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/timeparser"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/trace"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/uri"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/add"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/assignkeys"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/copy"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/filter"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/flatten"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/move"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/noop"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/recombine"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/regexreplace"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/remove"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/retain"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/router"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/sanitizeutf8"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/unquote"
)

// sink keeps what the last operator hands on.
type sink struct {
	helper.OutputOperator
	entries []*entry.Entry
}

func (s *sink) Process(_ context.Context, e *entry.Entry) error {
	s.entries = append(s.entries, e)
	return nil
}

func (s *sink) ProcessBatch(_ context.Context, entries []*entry.Entry) error {
	s.entries = append(s.entries, entries...)
	return nil
}

// operate sends lines through operators, as attributes of one file.
func operate(operators []map[string]any, lines []string, path string) ([]any, error) {
	set := componenttest.NewNopTelemetrySettings()
	output, err := helper.NewOutputConfig("sink", "sink").Build(set)
	if err != nil {
		return nil, err
	}
	end := &sink{OutputOperator: output}
	configs := make([]operator.Config, 0, len(operators))
	for _, each := range operators {
		each = whole(each).(map[string]any)
		config := operator.Config{}
		if err := config.Unmarshal(confmap.NewFromStringMap(each)); err != nil {
			return nil, err
		}
		configs = append(configs, config)
	}
	p, err := pipeline.Config{Operators: configs, DefaultOutput: end}.Build(set)
	if err != nil {
		return nil, err
	}
	if err := p.Start(nil); err != nil {
		return nil, err
	}
	first := p.Operators()[0]
	for _, each := range p.Operators() {
		if each.ID() == configs[0].ID() || each.ID() == configs[0].Type() {
			first = each
		}
	}
	for _, line := range lines {
		e := entry.New()
		e.Body = line
		e.Attributes = map[string]any{"log.file.path": path}
		_ = first.Process(context.Background(), e)
	}
	time.Sleep(150 * time.Millisecond)
	if err := p.Stop(); err != nil {
		return nil, err
	}
	found := []any{}
	for _, e := range end.entries {
		at := ""
		if !e.Timestamp.IsZero() {
			at = fmt.Sprint(e.Timestamp.UnixNano())
		}
		found = append(found, map[string]any{
			"body": e.Body, "attributes": e.Attributes, "resource": e.Resource, "time": at, "severity": int(e.Severity), "text": e.SeverityText,
			"scope": e.ScopeName, "trace": fmt.Sprintf("%x", e.TraceID), "span": fmt.Sprintf("%x", e.SpanID), "flags": fmt.Sprintf("%x", e.TraceFlags),
		})
	}
	return found, nil
}

// whole makes integers of numbers without a fraction, as configurations have them.
func whole(value any) any {
	switch v := value.(type) {
	case float64:
		if v == float64(int(v)) {
			return int(v)
		}
	case map[string]any:
		for key, each := range v {
			v[key] = whole(each)
		}
	case []any:
		for i, each := range v {
			v[i] = whole(each)
		}
	}
	return value
}
