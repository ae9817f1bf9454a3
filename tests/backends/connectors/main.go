// Feeds telemetry through components of the OpenTelemetry Collector and prints what comes out: the truth that Invar's are compared with.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/servicegraphconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/groupbyattrsprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/intervalprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/probabilisticsamplerprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
)

type testCase struct {
	Name      string            `json:"name"`
	Component string            `json:"component"`
	Config    map[string]any    `json:"config"`
	Signal    string            `json:"signal"`
	Input     []json.RawMessage `json:"input"`
	// How long to wait for what the component sends by its own clock.
	WaitMs int `json:"waitMs"`
	// Closes the component before its output is looked at.
	Shutdown bool `json:"shutdown"`
}

var processors = map[string]processor.Factory{
	"groupbyattrs":          groupbyattrsprocessor.NewFactory(),
	"interval":              intervalprocessor.NewFactory(),
	"probabilistic_sampler": probabilisticsamplerprocessor.NewFactory(),
	"tail_sampling":         tailsamplingprocessor.NewFactory(),
}

var connectors = map[string]connector.Factory{
	"servicegraph": servicegraphconnector.NewFactory(),
	"spanmetrics":  spanmetricsconnector.NewFactory(),
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("connectors")
		return
	}
	var cases []testCase
	check(json.NewDecoder(os.Stdin).Decode(&cases))
	answers := map[string]any{}
	var lock sync.Mutex
	var running sync.WaitGroup
	for _, each := range cases {
		running.Go(func() {
			answer := run(each)
			lock.Lock()
			defer lock.Unlock()
			answers[each.Name] = answer
		})
	}
	running.Wait()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	check(encoder.Encode(answers))
}

type sinks struct {
	traces  consumertest.TracesSink
	metrics consumertest.MetricsSink
	logs    consumertest.LogsSink
}

func run(c testCase) any {
	ctx := context.Background()
	out := &sinks{}
	var running component.Component
	var err error
	if factory, ok := processors[c.Component]; ok {
		config := configOf(factory.CreateDefaultConfig(), c.Config)
		settings := processortest.NewNopSettings(factory.Type())
		switch c.Signal {
		case "traces":
			running, err = factory.CreateTraces(ctx, settings, config, &out.traces)
		case "metrics":
			running, err = factory.CreateMetrics(ctx, settings, config, &out.metrics)
		default:
			running, err = factory.CreateLogs(ctx, settings, config, &out.logs)
		}
	} else {
		factory := connectors[c.Component]
		config := configOf(factory.CreateDefaultConfig(), c.Config)
		running, err = factory.CreateTracesToMetrics(ctx, connectortest.NewNopSettings(factory.Type()), config, &out.metrics)
	}
	check(err)
	check(running.Start(ctx, componenttest.NewNopHost()))
	for _, input := range c.Input {
		feed(ctx, running, c.Signal, input)
	}
	time.Sleep(time.Duration(c.WaitMs) * time.Millisecond)
	if c.Shutdown {
		check(running.Shutdown(ctx))
	}
	result := out.json()
	if !c.Shutdown {
		check(running.Shutdown(ctx))
	}
	return result
}

func configOf(config component.Config, values map[string]any) component.Config {
	check(confmap.NewFromStringMap(values).Unmarshal(&config))
	if validated, ok := config.(interface{ Validate() error }); ok {
		check(validated.Validate())
	}
	return config
}

func feed(ctx context.Context, running component.Component, signal string, input []byte) {
	switch signal {
	case "traces":
		data, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(input)
		check(err)
		check(running.(consumer.Traces).ConsumeTraces(ctx, data))
	case "metrics":
		data, err := (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(input)
		check(err)
		check(running.(consumer.Metrics).ConsumeMetrics(ctx, data))
	default:
		data, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(input)
		check(err)
		check(running.(consumer.Logs).ConsumeLogs(ctx, data))
	}
}

func (s *sinks) json() []json.RawMessage {
	messages := []json.RawMessage{}
	for _, each := range s.traces.AllTraces() {
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(each)
		check(err)
		messages = append(messages, text)
	}
	for _, each := range s.metrics.AllMetrics() {
		text, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(each)
		check(err)
		messages = append(messages, text)
	}
	for _, each := range s.logs.AllLogs() {
		text, err := (&plog.JSONMarshaler{}).MarshalLogs(each)
		check(err)
		messages = append(messages, text)
	}
	return messages
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
