// Runs statements over telemetry with the reference implementation: cases as JSON on standard input, one a line, results as JSON on standard
// output, one a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
)

type testCase struct {
	Signal     string          `json:"signal"`
	Context    string          `json:"context"`
	Statements []string        `json:"statements"`
	Request    json.RawMessage `json:"request"`
}

type result struct {
	Request json.RawMessage `json:"request,omitempty"`
	Error   string          `json:"error,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("ottl")
		return
	}
	_ = featuregate.GlobalRegistry().Set("ottl.functions.enableLambda", true)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var c testCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		request, err := run(c)
		r := result{Request: request}
		if err != nil {
			r = result{Error: err.Error()}
		}
		if err := out.Encode(r); err != nil {
			panic(err)
		}
	}
}

func run(c testCase) (out json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	factory := transformprocessor.NewFactory()
	cfg := factory.CreateDefaultConfig()
	name := map[string]string{"traces": "trace_statements", "metrics": "metric_statements", "logs": "log_statements"}[c.Signal]
	group := map[string]any{"statements": toAny(c.Statements)}
	if c.Context != "" {
		group["context"] = c.Context
	}
	conf := confmap.NewFromStringMap(map[string]any{"error_mode": "propagate", name: []any{group}})
	if err := conf.Unmarshal(cfg); err != nil {
		return nil, err
	}
	if v, ok := cfg.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, err
		}
	}
	ctx := context.Background()
	telemetry := componenttest.NewNopTelemetrySettings()
	telemetry.Logger = zap.NewNop()
	set := processor.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: telemetry}
	switch c.Signal {
	case "traces":
		data, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(c.Request)
		if err != nil {
			return nil, err
		}
		sink := new(consumertest.TracesSink)
		p, err := factory.CreateTraces(ctx, set, cfg, sink)
		if err != nil {
			return nil, err
		}
		if err := p.ConsumeTraces(ctx, data); err != nil {
			return nil, err
		}
		return (&ptrace.JSONMarshaler{}).MarshalTraces(sink.AllTraces()[0])
	case "metrics":
		data, err := (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(c.Request)
		if err != nil {
			return nil, err
		}
		sink := new(consumertest.MetricsSink)
		p, err := factory.CreateMetrics(ctx, set, cfg, sink)
		if err != nil {
			return nil, err
		}
		if err := p.ConsumeMetrics(ctx, data); err != nil {
			return nil, err
		}
		return (&pmetric.JSONMarshaler{}).MarshalMetrics(sink.AllMetrics()[0])
	default:
		data, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(c.Request)
		if err != nil {
			return nil, err
		}
		sink := new(consumertest.LogsSink)
		p, err := factory.CreateLogs(ctx, set, cfg, sink)
		if err != nil {
			return nil, err
		}
		if err := p.ConsumeLogs(ctx, data); err != nil {
			return nil, err
		}
		return (&plog.JSONMarshaler{}).MarshalLogs(sink.AllLogs()[0])
	}
}

func toAny(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}
