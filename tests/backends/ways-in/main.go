// Answers what the incumbent's translators make of an input: one JSON object a line in, one a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	tjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv1"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

type question struct {
	Format string `json:"format"`
	Parse  bool   `json:"parse"`
	Body   []byte `json:"body"`

	Operators []map[string]any `json:"operators"`
	Lines     []string         `json:"lines"`
	Path      string           `json:"path"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("ways-in")
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if asked.Operators != nil {
			entries, err := operate(asked.Operators, asked.Lines, asked.Path)
			if err != nil {
				answer(map[string]any{"error": err.Error()})
				continue
			}
			answer(map[string]any{"entries": entries})
			continue
		}
		traces, err := translate(asked)
		if err != nil {
			answer(map[string]any{"error": err.Error()})
			continue
		}
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answer(map[string]any{"traces": json.RawMessage(text)})
	}
}

func answer(value any) {
	text, _ := json.Marshal(value)
	fmt.Println(string(text))
}

func translate(asked question) (ptrace.Traces, error) {
	switch asked.Format {
	case "zipkin v1 json":
		return zipkinv1.NewJSONTracesUnmarshaler(asked.Parse).UnmarshalTraces(asked.Body)
	case "zipkin v1 thrift":
		return zipkinv1.NewThriftTracesUnmarshaler().UnmarshalTraces(asked.Body)
	case "zipkin v2 json":
		return zipkinv2.NewJSONTracesUnmarshaler(asked.Parse).UnmarshalTraces(asked.Body)
	case "zipkin v2 proto":
		return zipkinv2.NewProtobufTracesUnmarshaler(false, asked.Parse).UnmarshalTraces(asked.Body)
	case "jaeger thrift binary":
		batch := &tjaeger.Batch{}
		if err := thrift.NewTDeserializer().Read(context.Background(), batch, asked.Body); err != nil {
			return ptrace.Traces{}, err
		}
		return jaeger.ThriftToTraces(batch)
	case "jaeger thrift compact":
		buffer := thrift.NewTMemoryBuffer()
		buffer.Write(asked.Body)
		batch := &tjaeger.Batch{}
		if err := batch.Read(context.Background(), thrift.NewTCompactProtocolConf(buffer, nil)); err != nil {
			return ptrace.Traces{}, err
		}
		return jaeger.ThriftToTraces(batch)
	case "jaeger proto":
		request := &api_v2.PostSpansRequest{}
		if err := request.Unmarshal(asked.Body); err != nil {
			return ptrace.Traces{}, err
		}
		batch := request.GetBatch()
		return jaeger.ProtoToTraces([]*model.Batch{&batch})
	}
	return ptrace.Traces{}, fmt.Errorf("unknown format %q", asked.Format)
}
